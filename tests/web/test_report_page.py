"""The report's pages: who sees which report when, and that screen and paper tell the same facts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent, Clinic
from exams.models import Exam, SignedReport
from exams.pdf import render_pdf
from exams.services import localizing
from exams.services.exams import give_impression
from exams.services.review import countersign, look_first, open_review
from exams.services.signing import sign_exam
from tests import factories
from tests.web.reported import (
    CASES,
    document_of_exam,
    exam_of_case,
    facts,
    fibular_exam,
    pages_of,
    paper_text,
    ready_to_sign,
    screen_text,
    squashed,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def draft(owner: User) -> Exam:
    return fibular_exam(factories.desk(owner), bladder_bowel="yes")


@pytest.fixture
def signed(owner: User) -> Exam:
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk))
    sign_exam(
        desk=desk, exam=exam, password=factories.PASSWORD, confirmed_patient=True, confirmed_side="left"
    )
    return exam


def report_page(client: Client, exam: Exam) -> Any:
    return client.get(reverse("exams:report", args=[exam.pk]))


def test_a_draft_is_built_live_and_marked_as_a_draft(owner: User, draft: Exam, sign_in: SignIn) -> None:
    client = sign_in(owner)
    page = report_page(client, draft)
    assert page.status_code == 200
    assert "DRAFT" in page.content.decode()
    assert not SignedReport.objects.exists()
    factories.answer(factories.desk(owner), draft, "hip_abduction.left", "3")
    assert screen_text(report_page(client, draft).content) != screen_text(page.content)


def every_page_says_draft(client: Client, exam: Exam) -> None:
    paper = client.get(reverse("exams:report_pdf", args=[exam.pk]))
    for text in pages_of(paper.content):
        assert "DRAFT" in text.splitlines()  # across the page
        assert "DRAFT, version 1" in text  # in the tag at its head
        assert "Not signed" in text


@pytest.mark.parametrize("path", CASES[::15], ids=lambda path: path.stem)
def test_S06_every_page_that_is_printed_of_a_draft_says_so(owner: User, sign_in: SignIn, path: Path) -> None:
    every_page_says_draft(sign_in(owner), exam_of_case(factories.desk(owner), path))


@pytest.mark.long
def test_S06_every_page_of_each_published_patients_draft_says_so(owner: User, sign_in: SignIn) -> None:
    desk = factories.desk(owner)
    for path in CASES:
        every_page_says_draft(sign_in(owner), exam_of_case(desk, path))
    assert len(CASES) >= 50


def test_red_flags_stand_before_the_conclusion(owner: User, draft: Exam, sign_in: SignIn) -> None:
    page = report_page(sign_in(owner), draft).content.decode()
    assert page.index("Red flag recorded") < page.index('id="conclusion"')


@pytest.mark.parametrize("path", CASES[::8], ids=lambda path: path.stem)
def test_screen_and_paper_tell_the_same_facts(owner: User, sign_in: SignIn, path: Path) -> None:
    desk = factories.desk(owner)
    exam = exam_of_case(desk, path)
    give_impression(
        desk=desk, exam=exam, site="root_L5", text="A “quoted” <b>view</b> & more.", answer_in_view=True
    )
    document = document_of_exam(exam)
    screen = screen_text(report_page(sign_in(owner), exam).content)
    paper = paper_text(render_pdf(document), document)
    running = {document["identity"]["name"], document["identity"]["born"]}  # also at the head of each page
    for fact in facts(document):
        assert squashed(fact) in screen, f"not on the screen: {fact}"
        assert fact in running or squashed(fact) in paper, f"not on paper: {fact}"


@pytest.mark.parametrize("side", ["left", "right"])
def test_K05_each_value_stands_under_its_own_leg_on_screen_and_paper(
    owner: User, sign_in: SignIn, side: str
) -> None:
    exam = fibular_exam(factories.desk(owner), side=side)
    grades = ["2", "5"] if side == "left" else ["5", "2"]
    page = report_page(sign_in(owner), exam).content.decode()
    (table,) = [
        part for part in page.split("<table")[1:] if "Ankle dorsiflexion" in part.partition("</table>")[0]
    ]
    heads = [words_in(cell) for cell in re.findall(r"<th scope=\"col\">.*?</th>", table, re.DOTALL)]
    row = next(row for row in table.split("<tr>") if "Ankle dorsiflexion" in row)
    assert heads[1:] == ["Patient's LEFT", "Patient's RIGHT"]
    assert [words_in(cell) for cell in re.findall(r"<td>.*?</td>", row, re.DOTALL)] == grades
    paper = "".join(pages_of(render_pdf(document_of_exam(exam))))
    order = re.search(r"Ankle dorsiflexion\s+[▼✓] (\d)\s+[▼✓] (\d)", paper)
    assert order is not None
    assert list(order.groups()) == grades
    assert re.search(r"Strength\s+Patient's LEFT\s+Patient's RIGHT", paper)


def words_in(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def test_a_countersigned_report_shows_both_opinions_on_screen_and_paper(
    owner: User, supervisor: User, signed: Exam, sign_in: SignIn
) -> None:
    desk = factories.desk(supervisor)
    look_first(desk=desk, exam=signed, site="sciatic", text="Thigh first, I thought.")
    open_review(desk=desk, exam=signed)
    stored = countersign(
        desk=desk,
        exam=signed,
        agrees=True,
        site="",
        comment="Agreed after a second look.",
        password=factories.PASSWORD,
    )
    document = json.loads(stored.document)
    screen = screen_text(report_page(sign_in(owner), signed).content)
    paper = paper_text(bytes(stored.pdf), document)
    assert (
        "Simon Supervisor agrees with the level shown. Agreed after a second look."
        in document["decision"]["text"]
    )
    assert "Thigh first, I thought." in document["decision"]["look"]
    for fact in facts(document):
        assert squashed(fact) in screen, fact
    for name in ("text", "look", "by"):
        assert squashed(document["decision"][name]) in paper


def test_hostile_text_stays_text_on_the_page(owner: User, draft: Exam, sign_in: SignIn) -> None:
    bad = '<script>alert("x")</script>{{ 7|add:7 }}'
    draft.observations.filter(finding="hip_abduction").update(note=bad)
    page = report_page(sign_in(owner), draft).content.decode()
    assert bad not in page
    assert "&lt;script&gt;" in page
    assert " style=" not in page.partition("<article")[2]
    assert "<style" not in page


@pytest.mark.parametrize("name", ["exams:report", "exams:report_pdf"])
def test_Z02_another_clinic_sees_nothing_of_it(
    stranger: User, draft: Exam, sign_in: SignIn, name: str
) -> None:
    answer = sign_in(stranger).get(reverse(name, args=[draft.pk]))
    assert answer.status_code == 404
    assert b"Lindqvist" not in answer.content


@pytest.mark.parametrize("name", ["exams:report", "exams:report_pdf"])
def test_people_without_clinical_access_are_refused_without_data(
    auditor: User, draft: Exam, sign_in: SignIn, name: str
) -> None:
    answer = sign_in(auditor).get(reverse(name, args=[draft.pk]))
    assert answer.status_code == 403
    assert b"Lindqvist" not in answer.content


def test_I02_reading_and_printing_are_in_the_trail(owner: User, draft: Exam, sign_in: SignIn) -> None:
    client = sign_in(owner)
    report_page(client, draft)
    client.get(reverse("exams:report_pdf", args=[draft.pk]))
    acts = list(
        AuditEvent.objects.filter(object_id=str(draft.pk), subject=draft.patient_id).values_list(
            "act", flat=True
        )
    )
    assert acts[-2:] == ["report.viewed", "report.printed"]


@pytest.mark.parametrize("name", ["exams:report", "exams:report_pdf"])
def test_a_supervisor_looks_first_before_the_answer_is_shown(
    supervisor: User, colleague: User, signed: Exam, sign_in: SignIn, name: str
) -> None:
    client = sign_in(supervisor)
    answer = client.get(reverse(name, args=[signed.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("exams:review_look", args=[signed.pk])
    look_first(desk=factories.desk(supervisor), exam=signed, site="", text="")
    assert client.get(reverse(name, args=[signed.pk])).status_code == 200
    assert sign_in(colleague).get(reverse(name, args=[signed.pk])).status_code == 200


def test_a_clinic_that_hides_the_answer_until_the_impression_hides_the_report_too(
    owner: User, clinic: Clinic, sign_in: SignIn
) -> None:
    clinic.panel_mode = Clinic.PanelMode.AFTER_IMPRESSION
    clinic.save()
    desk = factories.desk(owner)
    exam = fibular_exam(desk)
    client = sign_in(owner)
    for name in ("exams:report", "exams:report_pdf"):
        answer = client.get(reverse(name, args=[exam.pk]))
        assert answer["Location"] == reverse("exams:impression", args=[exam.pk])
    give_impression(desk=desk, exam=exam, site="", text="Mine first.", answer_in_view=False)
    assert report_page(client, exam).status_code == 200


def test_K10_the_draft_page_and_paper_stand_without_an_engine(
    owner: User, draft: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the engine fell over")

    monkeypatch.setattr(localizing, "localize", boom)
    page = report_page(sign_in(owner), draft)
    assert page.status_code == 200
    text = screen_text(page.content)
    assert (
        squashed("No localisation available. Findings and red flags below are complete as recorded.") in text
    )
    assert squashed("Red flag recorded") in text
    paper = sign_in(owner).get(reverse("exams:report_pdf", args=[draft.pk]))
    assert paper["Content-Type"] == "application/pdf"


def test_the_list_shows_signed_reports_of_this_clinic_only(
    owner: User, stranger: User, signed: Exam, draft: Exam, sign_in: SignIn
) -> None:
    page = sign_in(owner).get(reverse("exams:reports")).content.decode()
    assert reverse("exams:report", args=[signed.pk]) in page
    assert reverse("exams:report", args=[draft.pk]) not in page
    foreign = sign_in(stranger).get(reverse("exams:reports")).content
    assert b"Lindqvist" not in foreign
    assert b"No exam has been signed yet" in foreign


def test_the_list_takes_the_same_queries_for_one_and_for_many(
    owner: User, signed: Exam, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(2, 12):
        Exam.objects.create(
            clinic=signed.clinic,
            patient=signed.patient,
            series=signed.series,
            version=number,
            protocol="core",
            state=Exam.State.SUBMITTED,
            affected_side="left",
            examiner=owner,
            started=signed.started,
            saved=signed.saved,
            submitted=signed.saved,
        )
    client = sign_in(owner)
    client.get(reverse("exams:reports"))
    with django_assert_max_num_queries(20):
        client.get(reverse("exams:reports"))
