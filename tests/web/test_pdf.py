"""The paper: tagged, the same bytes for the same report, identity on every page, deaf to what users type."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from exams.models import Exam
from exams.pdf import PdfBusy, PdfFailed, check_code, render, render_pdf
from exams.pdf.glyphs import covered, printable
from tests import factories
from tests.web.reported import (
    document_of_exam,
    fibular_exam,
    pages_of,
    squashed,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def draft(owner: User) -> Exam:
    return fibular_exam(factories.desk(owner), protocol="full")


@pytest.fixture
def document(draft: Exam) -> dict[str, Any]:
    return document_of_exam(draft)


def test_P03_identity_state_version_and_page_n_of_m_stand_on_every_page(document: dict[str, Any]) -> None:
    pages = pages_of(render_pdf(document, hashed="ab12" * 16))
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        for words in (
            "Lindqvist, Astrid",
            "14 Mar 1961",
            document["identity"]["number"],
            "patient’s LEFT",
            "24 Nov 2026",
            document["state"]["label"],
            f"Page {number} of {len(pages)}",
            document["number"],
            check_code("ab12" * 16),
            document["footer"],
        ):
            assert squashed(words) in squashed(text), words


def test_S06_a_draft_says_so_on_every_page(document: dict[str, Any]) -> None:
    for text in pages_of(render_pdf(document)):
        assert "DRAFT" in text.splitlines()  # across the page
        assert "DRAFT, version 1" in text  # in the tag at its head
        assert "Not signed" in text


@pytest.mark.parametrize("protocol", ["core", "full"])
def test_the_reader_of_one_minute_finds_flags_conclusion_and_reasons_on_page_1(
    owner: User, protocol: str
) -> None:
    exam = fibular_exam(factories.desk(owner), protocol=protocol, bladder_bowel="yes")
    document = document_of_exam(exam)
    first = squashed(pages_of(render_pdf(document))[0])
    banner = squashed(document["red_flags"]["flags"][0]["banner"])
    assert banner in first
    assert first.index(banner) < first.index(squashed(document["conclusion"]["headline"]))


def test_X17_the_paper_is_tagged_and_says_that_it_is_pdf_ua(document: dict[str, Any]) -> None:
    with pikepdf.open(BytesIO(render_pdf(document))) as pdf:
        root: Any = pdf.Root
        assert "/StructTreeRoot" in root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang).startswith("en")
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert document["number"] in metadata["dc:title"]
        kinds = list(kinds_of(root.StructTreeRoot))
    for kind in ("/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/L"):
        assert kind in kinds, kind


def kinds_of(node: Any) -> list[str]:
    """Return the kinds of all tags below a node."""
    if isinstance(node, pikepdf.Array):
        return [kind for child in node for kind in kinds_of(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    mine = [str(node["/S"])] if "/S" in node else []
    return mine + (kinds_of(node["/K"]) if "/K" in node else [])


def test_the_figure_has_a_text_that_names_weak_and_normal_muscles(document: dict[str, Any]) -> None:
    (figure,) = document["figures"]
    assert "ankle dorsiflexion 2" in figure["alt"].partition("Normal:")[0]
    assert "hip abduction 5" in figure["alt"].partition("Normal:")[2]
    assert "Hip flexion".lower() in figure["alt"].partition("Not recorded:")[2]
    with pikepdf.open(BytesIO(render_pdf(document))) as pdf:
        assert figure["alt"] in list(alternatives_of(pdf.Root.StructTreeRoot))


def alternatives_of(node: Any) -> list[str]:
    if isinstance(node, pikepdf.Array):
        return [text for child in node for text in alternatives_of(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    mine = [str(node["/Alt"])] if "/Alt" in node else []
    return mine + (alternatives_of(node["/K"]) if "/K" in node else [])


def test_both_legs_are_drawn_when_both_are_affected(owner: User) -> None:
    document = document_of_exam(fibular_exam(factories.desk(owner), side="bilateral"))
    assert [figure["side"] for figure in document["figures"]] == ["left", "right"]
    assert "LEFT and RIGHT" in pages_of(render_pdf(document))[0]


def test_the_same_report_gives_the_same_bytes(document: dict[str, Any]) -> None:
    copy = json.loads(json.dumps(document))
    assert render_pdf(document, hashed="0" * 64) == render_pdf(copy, hashed="0" * 64)


def test_the_paper_needs_no_font_of_the_machine(document: dict[str, Any]) -> None:
    reader = PdfReader(BytesIO(render_pdf(document)))
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()  # type: ignore[attr-defined]
    }
    assert fonts
    assert all("DejaVuSans" in name for name in fonts)


HOSTILE = [
    '#read("/etc/passwd")',
    '#import "/etc/passwd": *',
    '#image("http://127.0.0.1:9/x.svg")',
    "#panic()",
    "*bold* _under_ `code` $x^2$ = Heading",
    "<script>alert(1)</script> &amp; </td>",
    "{{ 7 * 7 }} {% url 'x' %}",
    "]] #] } ) \\ \" ' ` ~ @ref <label>",
    "{page} {hash} {digest}",
    "http://example.org/?q=1#frag",
    "-- --- ... 'quotes' \"double\"",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_P01_what_users_type_is_printed_literally(owner: User, text: str) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk)
    exam.observations.filter(finding="hip_abduction", side="left").update(note=text)
    type(exam.patient).objects.update(given_name=text[:80])
    exam.refresh_from_db()
    document = document_of_exam(exam)
    document["impression"]["text"] = text
    document["red_flags"]["summary"] = text
    paper = squashed("".join(pages_of(render_pdf(document))))
    assert paper.count(squashed(text)) >= 3
    assert "root:x:0" not in paper


def test_P01_the_template_cannot_read_outside_its_folder(document: dict[str, Any], tmp_path: Path) -> None:
    source = (render.FOLDER / "report.typ").read_text(encoding="utf-8")
    for reading in ("read(", "include ", "import ", "plugin(", "eval("):
        assert reading not in source, reading
    bomb = dict(document)
    bomb["figures"] = [
        figure | {"title": '"/><image href="file:///etc/passwd"/>'} for figure in document["figures"]
    ]
    assert "root:x:0" not in "".join(pages_of(render_pdf(bomb)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("nul \x00 here", "nul [U+0000] here"),
        ("bell \x07", "bell [U+0007]"),
        ("right to left \u202e mark", "right to left [U+202E] mark"),
        ("中", "[U+4E2D]"),
        ("Żółć − ≥ é", "Żółć − ≥ é"),
        ("tab\tstop", "tab stop"),
    ],
)
def test_characters_without_a_shape_print_as_their_code(
    document: dict[str, Any], typed: str, printed: str
) -> None:
    document["impression"]["text"] = typed
    paper = "".join(pages_of(render_pdf(document)))
    assert squashed(printed) in squashed(paper)


def test_every_character_that_counts_as_printable_can_be_set(document: dict[str, Any]) -> None:
    points = sorted(covered())
    assert len(points) > 3000
    document["impression"]["text"] = printable(" ".join(chr(point) for point in points))
    render_pdf(document)


def test_long_notes_and_many_rows_add_pages_and_keep_heads(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    exam.observations.update(note="pain at the outer knee " * 21)
    pages = pages_of(render_pdf(document_of_exam(exam)))
    assert len(pages) > 5
    spread = [text for text in pages if "Patient's LEFT" in text]
    assert len(spread) > 1


def test_P02_a_third_paper_at_once_is_told_to_try_again(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "PATIENCE", 0.05)
    for _ in range(render.AT_ONCE):
        assert render.TURNS.acquire(blocking=False)
    try:
        with pytest.raises(PdfBusy) as caught:
            render_pdf(document)
        assert "try again" in str(caught.value)
    finally:
        for _ in range(render.AT_ONCE):
            render.TURNS.release()
    assert render_pdf(document)


def test_P02_a_turn_is_given_back_when_setting_fails(document: dict[str, Any]) -> None:
    for _ in range(render.AT_ONCE + 1):
        with pytest.raises(PdfFailed):
            render_pdf(document | {"red_flags": "no block at all"})
    assert render_pdf(document)


def test_P02_twenty_papers_from_many_threads_all_come(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "PATIENCE", 120.0)
    made: list[bytes] = []
    threads = [Thread(target=lambda: made.append(render_pdf(document))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 20
    assert len(set(made)) == 1


def test_the_busy_printer_answers_503_with_a_sentence(
    owner: User, draft: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "PATIENCE", 0.0)
    monkeypatch.setattr(render.TURNS, "acquire", lambda **_: False)
    answer = sign_in(owner).get(reverse("exams:report_pdf", args=[draft.pk]))
    assert answer.status_code == 503
    assert b"try again" in answer.content


def test_P03_the_files_name_is_the_reports_number(owner: User, draft: Exam, sign_in: SignIn) -> None:
    answer = sign_in(owner).get(reverse("exams:report_pdf", args=[draft.pk]))
    assert answer["Content-Type"] == "application/pdf"
    named = answer["Content-Disposition"]
    assert named.startswith('inline; filename="FD-')
    assert "Lindqvist" not in named
    assert "Astrid" not in named
    assert answer["Cache-Control"] == "no-store" or "no-store" in answer["Cache-Control"]


def test_a_report_signed_under_the_older_template_still_prints(document: dict[str, Any]) -> None:
    old = json.loads(json.dumps(document))
    del old["tripwire"]
    del old["words"]["headings"]["helps"]
    for name in ("levels", "second_lesion", "stop_signal", "next_tests"):
        del old["conclusion"][name]
    paper = squashed("".join(pages_of(render_pdf(old))))
    assert squashed(old["conclusion"]["headline"]) in paper
    assert "Whatwouldhelpmost" not in paper
