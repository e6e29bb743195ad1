"""What a signature binds: any change shows, and a signed report never changes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.refusals import Refused
from exams.document import digest
from exams.models import Decision, Exam, Observation, Opinion, SignedReport
from exams.services import localizing, signing
from exams.services.review import look_first, open_review, return_exam
from exams.services.signing import (
    signature_holds,
)
from tests import factories
from tests.plugins.flushing import unguarded
from tests.web.reported import CASES, exam_of_case, fibular_exam, pages_of, ready_to_sign, squashed
from tests.web.signed import countersigned, sign

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
MANY_REPORTS = 200


@pytest.fixture
def ready(owner: User) -> Exam:
    desk = factories.desk(owner)
    return ready_to_sign(desk, fibular_exam(desk))


@pytest.mark.parametrize(
    ("agrees", "meaning"), [(True, "Reviewed and agreed by"), (False, "Reviewed, disagrees:")]
)
def test_S01_name_role_time_and_meaning_stand_on_screen_and_on_every_page(
    owner: User, supervisor: User, ready: Exam, sign_in: SignIn, agrees: bool, meaning: str
) -> None:
    sign(owner, ready)
    signed = countersigned(supervisor, ready, agrees=agrees)
    lines = [line["line"] for line in json.loads(signed.document)["signatures"]]
    assert lines[0].startswith("Examined by Olive Owner, Examiner, ")
    assert lines[1].startswith(f"{meaning} Simon Supervisor, Supervisor, ")
    page = squashed(sign_in(owner).get(reverse("exams:report", args=[ready.pk])).content.decode())
    for line in lines:
        assert " UTC)" in line
        assert squashed(line) in page
        for paper in pages_of(bytes(signed.pdf)):
            assert squashed(line) in squashed(paper)


def test_a_disagreement_prints_with_the_supervisors_own_level(
    owner: User, supervisor: User, ready: Exam
) -> None:
    sign(owner, ready)
    signed = countersigned(supervisor, ready, agrees=False)
    text = json.loads(signed.document)["decision"]["text"]
    assert "does not agree" in text
    assert "L5 nerve root. Seen and tested again." in text
    assert squashed(text) in squashed("".join(pages_of(bytes(signed.pdf))))


CHANGES: dict[str, Callable[[SignedReport], Any]] = {
    "document": lambda signed: signed.document.replace("LEFT", "RIGHT"),
    "hash": lambda _: "0" * 64,
    "pdf": lambda signed: bytes(signed.pdf)[:-1] + b"x",
    "pdf_hash": lambda _: "0" * 64,
    "meaning": lambda _: SignedReport.Meaning.DISAGREED,
    "role": lambda _: "supervisor",
    "at": lambda signed: signed.at + timedelta(minutes=1),
    "engine_version": lambda _: "9.9.9",
    "knowledge_digest": lambda _: "f" * 16,
    "template_version": lambda _: "9",
}


def shows_invalid(client: Client, exam: Exam) -> bool:
    page = client.get(reverse("exams:report", args=[exam.pk]))
    paper = client.get(reverse("exams:report_pdf", args=[exam.pk]))
    on_page = b"SIGNATURE INVALID" in page.content
    if paper.status_code != 200:
        return on_page and b"SIGNATURE INVALID" in paper.content
    return on_page and all("SIGNATURE INVALID" in text for text in pages_of(paper.content))


@pytest.mark.parametrize("field", CHANGES)
def test_S02_a_changed_column_shows_on_page_and_paper(
    owner: User, ready: Exam, sign_in: SignIn, field: str
) -> None:
    signed = SignedReport.objects.get(pk=sign(owner, ready).pk)
    assert not shows_invalid(sign_in(owner), ready)
    with unguarded():
        SignedReport.objects.update(**{field: CHANGES[field](signed)})
    assert shows_invalid(sign_in(owner), ready)


def test_S02_another_signer_shows(owner: User, colleague: User, ready: Exam, sign_in: SignIn) -> None:
    sign(owner, ready)
    with unguarded():
        SignedReport.objects.update(signed_by=colleague)
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize(
    "change",
    [
        {"token": "5"},
        {"side": "right", "finding": "sole"},
        {"note": "added later"},
        {"confounder": "pain"},
        {"count_as": "weak"},
        {"modality": "pinprick"},
    ],
)
def test_S02_a_changed_answer_shows(
    owner: User, ready: Exam, sign_in: SignIn, change: dict[str, str]
) -> None:
    sign(owner, ready)
    with unguarded():
        Observation.objects.filter(exam=ready, finding="ankle_dorsiflexion", side="left").update(**change)
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize("change", [{"affected_side": "right"}, {"version": 7}, {"protocol": "full"}])
def test_S02_a_changed_exam_shows(owner: User, ready: Exam, sign_in: SignIn, change: dict[str, Any]) -> None:
    sign(owner, ready)
    with unguarded():
        Exam.objects.update(**change)
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Decision.objects.update(outcome="disagree"),
        lambda: Decision.objects.update(site="root_L4"),
        lambda: Decision.objects.update(comment="Another comment."),
        lambda: Decision.objects.update(supervisor=User.objects.get(first_name="Olive")),
        lambda: Decision.objects.all().delete(),
        lambda: Opinion.objects.filter(voice="supervisor").update(site="root_L4"),
        lambda: Opinion.objects.filter(voice="supervisor").update(text="Another look."),
    ],
)
def test_S02_a_changed_decision_or_look_shows(
    owner: User, supervisor: User, ready: Exam, sign_in: SignIn, change: Callable[[], object]
) -> None:
    sign(owner, ready)
    countersigned(supervisor, ready)
    assert not shows_invalid(sign_in(owner), ready)
    with unguarded():
        change()
    assert shows_invalid(sign_in(owner), ready)


def test_S02_a_removed_answer_and_a_changed_impression_show(
    owner: User, ready: Exam, sign_in: SignIn
) -> None:
    sign(owner, ready)
    with unguarded():
        Opinion.objects.update(text="Another impression.")
    assert shows_invalid(sign_in(owner), ready)
    with unguarded():
        Opinion.objects.update(text="Painless, after weeks of leg crossing.")
    assert not shows_invalid(sign_in(owner), ready)
    with unguarded():
        Observation.objects.filter(exam=ready, finding="onset").delete()
    assert shows_invalid(sign_in(owner), ready)


def test_S02_a_forged_pair_of_document_and_hash_shows(owner: User, ready: Exam, sign_in: SignIn) -> None:
    signed = sign(owner, ready)
    forged = signed.document.replace("LEFT", "RIGHT")
    with unguarded():
        SignedReport.objects.update(document=forged, hash=digest(forged))
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", "not json", '"text"'])
def test_S02_a_document_that_is_no_report_is_refused_as_invalid(
    owner: User, ready: Exam, sign_in: SignIn, rubbish: str
) -> None:
    sign(owner, ready)
    with unguarded():
        SignedReport.objects.update(document=rubbish)
    assert shows_invalid(sign_in(owner), ready)


def test_an_invalid_report_cannot_be_countersigned(owner: User, supervisor: User, ready: Exam) -> None:
    sign(owner, ready)
    with unguarded():
        SignedReport.objects.update(hash="0" * 64)
    with pytest.raises(Refused):
        countersigned(supervisor, ready)
    ready.refresh_from_db()
    assert ready.state == Exam.State.SUBMITTED


def test_S03_a_signed_report_is_served_byte_equal_whatever_the_engine_does(
    owner: User, ready: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign(owner, ready)
    before = sign_in(owner).get(reverse("exams:report", args=[ready.pk])).content
    take_the_engine_away(monkeypatch)
    client = sign_in(owner)
    assert client.get(reverse("exams:report_pdf", args=[ready.pk])).content == bytes(signed.pdf)
    again = client.get(reverse("exams:report", args=[ready.pk])).content
    assert without_tokens(again) == without_tokens(before)
    assert bytes(SignedReport.objects.get().pdf) == bytes(signed.pdf)


@pytest.mark.long
def test_S03_two_hundred_reports_are_served_byte_equal_whatever_the_engine_does(
    owner: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, client = factories.desk(owner), sign_in(owner)
    drawn = itertools.islice(itertools.cycle(itertools.product(CASES, (False, True))), MANY_REPORTS)
    exams = [ready_to_sign(desk, exam_of_case(desk, path, mirrored=mirrored)) for path, mirrored in drawn]
    signed = {exam.pk: bytes(sign(owner, exam).pdf) for exam in exams}
    pages = {pk: client.get(reverse("exams:report", args=[pk])).content for pk in signed}
    take_the_engine_away(monkeypatch)
    for pk, pdf in signed.items():
        assert client.get(reverse("exams:report_pdf", args=[pk])).content == pdf
        again = client.get(reverse("exams:report", args=[pk])).content
        assert without_tokens(again) == without_tokens(pages[pk])
    assert len(set(signed.values())) == MANY_REPORTS


def take_the_engine_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the engine is another one today")

    for module in (localizing, signing):
        for name in ("localize", "red_flags", "localize_exam", "build_document", "render_pdf"):
            monkeypatch.setattr(module, name, gone, raising=False)


def without_tokens(content: bytes) -> str:
    """Return the report's part of the page; the session's own tokens stand outside of it."""
    return content.decode().partition("<article")[2].partition("</article>")[0]


def test_S03_a_countersignature_adds_to_the_stored_document_and_computes_nothing(
    owner: User, supervisor: User, ready: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = json.loads(sign(owner, ready).document)

    def gone(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the engine is another one today")

    for name in ("localize_exam", "build_document", "pathways_of"):
        monkeypatch.setattr(signing, name, gone)
    second = json.loads(countersigned(supervisor, ready).document)
    changed = {part for part in second if second[part] != first.get(part)}
    assert changed == {"exam", "decision", "state", "signatures"}


def test_signing_the_next_version_supersedes_the_returned_one(
    owner: User, supervisor: User, ready: Exam, sign_in: SignIn
) -> None:
    sign(owner, ready)
    desk = factories.desk(supervisor)
    look_first(desk=desk, exam=ready, site="", text="")
    open_review(desk=desk, exam=ready)
    second = return_exam(desk=desk, exam=ready, comment="Please test the hip again.")
    page = sign_in(owner).get(reverse("exams:report", args=[ready.pk])).content.decode()
    assert "RETURNED" in page
    sign(owner, second)
    ready.refresh_from_db()
    assert ready.state == Exam.State.SUPERSEDED
    page = sign_in(owner).get(reverse("exams:report", args=[ready.pk])).content.decode()
    assert "SUPERSEDED by version 2" in page
    assert reverse("exams:report", args=[second.pk]) in page
    paper = sign_in(owner).get(reverse("exams:report_pdf", args=[ready.pk])).content
    assert all("SUPERSEDED by version 2" in text for text in pages_of(paper))
    signed = SignedReport.objects.get(exam=ready)
    assert paper != bytes(signed.pdf)
    assert signature_holds(signed)
