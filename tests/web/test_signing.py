"""Signing: what stands in the way, what a signature binds, and that a signed report never changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.audit import values_of, verify_chain
from clinics.models import AuditEvent, Clinic, Membership
from exams.document import digest
from exams.models import Decision, Exam, Observation, Opinion, Patient, SignedReport
from exams.pdf import PdfBusy
from exams.refusals import Refused
from exams.services import localizing, passwords, signing
from exams.services.review import countersign, look_first, open_review, return_exam
from exams.services.signing import (
    SigningRefused,
    WrongPassword,
    mark_rest_not_done,
    sign_exam,
    signature_holds,
)
from exams.sheet import sheet_of
from exams.steps import core_findings
from tests import factories
from tests.plugins.flushing import unguarded
from tests.web.reported import fibular_exam, pages_of, ready_to_sign, squashed

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def ready(owner: User) -> Exam:
    desk = factories.desk(owner)
    return ready_to_sign(desk, fibular_exam(desk))


def sign(owner: User, exam: Exam, **said: Any) -> SignedReport:
    given = {"password": factories.PASSWORD, "confirmed_patient": True, "confirmed_side": exam.affected_side}
    return sign_exam(desk=factories.desk(owner), exam=exam, **{**given, **said})


def refused(owner: User, exam: Exam, **said: Any) -> list[str]:
    with pytest.raises(SigningRefused) as caught:
        sign(owner, exam, **said)
    exam.refresh_from_db()
    assert exam.state == Exam.State.DRAFT
    assert not SignedReport.objects.exists()
    return [problem.field for problem in caught.value.problems]


def test_a_signature_stores_the_report_and_sends_the_exam_on(owner: User, ready: Exam) -> None:
    signed = sign(owner, ready)
    ready.refresh_from_db()
    assert ready.state == Exam.State.SUBMITTED
    assert ready.submitted == signed.at
    event = AuditEvent.objects.get(act="report.signed", object_id=str(signed.pk))
    assert (values_of(event) or {})["hash"] == signed.hash
    assert verify_chain(ready.clinic) is None
    assert signature_holds(SignedReport.objects.get())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"confirmed_patient": False}, "confirmed_patient"),
        ({"confirmed_side": ""}, "confirmed_side"),
        ({"confirmed_side": "right"}, "confirmed_side"),
        ({"password": "not the password"}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_HZ02_patient_side_and_password_must_be_right(
    owner: User, ready: Exam, said: dict[str, Any], field: str
) -> None:
    assert refused(owner, ready, **said) == [field]


def test_an_open_core_answer_stands_in_the_way(owner: User, ready: Exam) -> None:
    Observation.objects.filter(exam=ready, finding="hip_abduction", side="left").delete()
    with pytest.raises(SigningRefused) as caught:
        sign(owner, ready)
    (problem,) = caught.value.problems
    assert (problem.finding, problem.side, problem.required) == ("hip_abduction", "left", True)


def test_a_missing_impression_stands_in_the_way(owner: User, ready: Exam) -> None:
    Opinion.objects.all().delete()
    assert refused(owner, ready) == ["answers"]


def test_the_rest_is_marked_as_not_done_with_one_press_but_never_the_core(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full", cancer=None, hip_abduction=None)
    marked = mark_rest_not_done(desk=desk, exam=exam)
    assert marked > 50
    assert {finding for finding, _ in sheet_of(exam).open_places} == {"cancer", "hip_abduction"}
    rows = Observation.objects.filter(exam=exam, not_tested=True)
    assert {row.reason for row in rows} == {"not_done"}
    assert not {row.finding for row in rows} & core_findings()
    assert len({row.revision for row in Observation.objects.filter(exam=exam)}) == exam.observations.count()
    event = AuditEvent.objects.get(act="answers.not_done")
    assert len((values_of(event) or {})["places"]) == marked  # type: ignore[arg-type]
    assert mark_rest_not_done(desk=desk, exam=exam) == 0


def test_a_student_and_a_colleague_cannot_sign(colleague: User, student: User, ready: Exam) -> None:
    for person in (colleague, student):
        with pytest.raises(Refused) as caught:
            sign(person, ready)
        assert caught.value.status == 403
    ready.refresh_from_db()
    assert ready.state == Exam.State.DRAFT


def test_a_signed_exam_is_not_signed_again(owner: User, ready: Exam) -> None:
    sign(owner, ready)
    ready.refresh_from_db()
    with pytest.raises(Refused):
        sign(owner, ready)
    assert SignedReport.objects.count() == 1


def test_guessing_stops_before_the_password_is_hashed(
    owner: User, ready: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    plain = User.check_password

    def spy(user: User, password: str) -> bool:
        hashed.append(password)
        return plain(user, password)

    monkeypatch.setattr(User, "check_password", spy)
    for guess in range(passwords.TRIES):
        refused(owner, ready, password=f"guess {guess}")
    for _ in range(20):
        with pytest.raises(Refused) as caught:
            sign(owner, ready)
        assert caught.value.status == 429
    assert len(hashed) == passwords.TRIES
    with unguarded():
        AuditEvent.objects.filter(act=passwords.ASKED).update(at=timezone.now() - timedelta(minutes=16))
    sign(owner, ready)


def test_right_passwords_are_not_counted_against_a_busy_signer(owner: User) -> None:
    for _ in range(3 * passwords.TRIES):
        passwords.confirm_password(factories.desk(owner), factories.PASSWORD)
    with pytest.raises(WrongPassword):
        passwords.confirm_password(factories.desk(owner), "wrong")


def test_nothing_is_signed_when_the_paper_cannot_be_made(
    owner: User, ready: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: Any, **_more: Any) -> bytes:
        raise PdfBusy

    monkeypatch.setattr(signing, "render_pdf", busy)
    with pytest.raises(PdfBusy):
        sign(owner, ready)
    ready.refresh_from_db()
    assert ready.state == Exam.State.DRAFT
    assert not SignedReport.objects.exists()
    assert not AuditEvent.objects.filter(act="report.signed").exists()


def test_a_busy_printer_leaves_the_countersignature_undone_and_says_so(
    owner: User, supervisor: User, ready: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(owner, ready)
    look_first(desk=factories.desk(supervisor), exam=ready, site="", text="")
    open_review(desk=factories.desk(supervisor), exam=ready)

    def busy(*_args: Any, **_more: Any) -> bytes:
        raise PdfBusy

    monkeypatch.setattr(signing, "render_pdf", busy)
    decision = {"outcome": "agree", "comment": "Fine.", "password": factories.PASSWORD}
    answer = sign_in(supervisor).post(reverse("exams:review_decide", args=[ready.pk]), decision)
    assert answer.status_code == 422
    assert b"try again" in answer.content
    ready.refresh_from_db()
    assert ready.state == Exam.State.SUBMITTED
    assert not Decision.objects.exists()


def countersigned(supervisor: User, exam: Exam, *, agrees: bool = True) -> SignedReport:
    desk = factories.desk(supervisor)
    look_first(desk=desk, exam=exam, site="common_fibular", text="Looks like the fibular neck.")
    open_review(desk=desk, exam=exam)
    comment = "Seen and tested again."
    return countersign(
        desk=desk, exam=exam, agrees=agrees, site="root_L5", comment=comment, password=factories.PASSWORD
    )


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
    SignedReport.objects.update(**{field: CHANGES[field](signed)})
    assert shows_invalid(sign_in(owner), ready)


def test_S02_another_signer_shows(owner: User, colleague: User, ready: Exam, sign_in: SignIn) -> None:
    sign(owner, ready)
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
    Observation.objects.filter(exam=ready, finding="ankle_dorsiflexion", side="left").update(**change)
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize("change", [{"affected_side": "right"}, {"version": 7}, {"protocol": "full"}])
def test_S02_a_changed_exam_shows(owner: User, ready: Exam, sign_in: SignIn, change: dict[str, Any]) -> None:
    sign(owner, ready)
    Exam.objects.update(**change)
    assert shows_invalid(sign_in(owner), ready)


def test_S02_a_removed_answer_and_a_changed_impression_show(
    owner: User, ready: Exam, sign_in: SignIn
) -> None:
    sign(owner, ready)
    Opinion.objects.update(text="Another impression.")
    assert shows_invalid(sign_in(owner), ready)
    Opinion.objects.update(text="Painless, after weeks of leg crossing.")
    assert not shows_invalid(sign_in(owner), ready)
    Observation.objects.filter(exam=ready, finding="onset").delete()
    assert shows_invalid(sign_in(owner), ready)


def test_S02_a_forged_pair_of_document_and_hash_shows(owner: User, ready: Exam, sign_in: SignIn) -> None:
    signed = sign(owner, ready)
    forged = signed.document.replace("LEFT", "RIGHT")
    SignedReport.objects.update(document=forged, hash=digest(forged))
    assert shows_invalid(sign_in(owner), ready)


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", "not json", '"text"'])
def test_S02_a_document_that_is_no_report_is_refused_as_invalid(
    owner: User, ready: Exam, sign_in: SignIn, rubbish: str
) -> None:
    sign(owner, ready)
    SignedReport.objects.update(document=rubbish)
    assert shows_invalid(sign_in(owner), ready)


def test_an_invalid_report_cannot_be_countersigned(owner: User, supervisor: User, ready: Exam) -> None:
    sign(owner, ready)
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

    def gone(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the engine is another one today")

    for module in (localizing, signing):
        for name in ("localize", "red_flags", "localize_exam", "build_document", "render_pdf"):
            monkeypatch.setattr(module, name, gone, raising=False)
    client = sign_in(owner)
    assert client.get(reverse("exams:report_pdf", args=[ready.pk])).content == bytes(signed.pdf)
    again = client.get(reverse("exams:report", args=[ready.pk])).content
    assert without_tokens(again) == without_tokens(before)
    assert bytes(SignedReport.objects.get().pdf) == bytes(signed.pdf)


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


def post(client: Client, exam: Exam, **fields: str) -> Any:
    given = {"confirmed_patient": "on", "confirmed_side": "left", "password": factories.PASSWORD}
    sent = {name: value for name, value in {**given, **fields}.items() if value}
    return client.post(reverse("exams:sign", args=[exam.pk]), sent)


def test_the_page_signs_and_leads_to_the_report(owner: User, ready: Exam, sign_in: SignIn) -> None:
    answer = post(sign_in(owner), ready)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("exams:report", args=[ready.pk])
    assert SignedReport.objects.get().exam == ready


def test_the_page_comes_back_with_what_stands_in_the_way_and_never_the_password(
    owner: User, ready: Exam, sign_in: SignIn
) -> None:
    answer = post(sign_in(owner), ready, confirmed_patient="", confirmed_side="", password="secret-but-wrong")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Confirm the patient" in page
    assert "Choose the affected side again" in page
    assert "secret-but-wrong" not in page
    assert not SignedReport.objects.exists()


def test_the_page_names_every_open_answer_at_once(owner: User, sign_in: SignIn) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full", cancer=None)
    page = post(sign_in(owner), exam).content.decode()
    assert "Cancer" in page
    assert "further answers are open" in page
    answer = sign_in(owner).post(reverse("exams:mark_rest", args=[exam.pk]))
    assert answer.status_code == 302
    assert {finding for finding, _ in sheet_of(exam).open_places} == {"cancer"}


def test_another_clinic_finds_nothing_to_sign(stranger: User, ready: Exam, sign_in: SignIn) -> None:
    client = sign_in(stranger)
    for name in ("exams:sign", "exams:mark_rest"):
        answer = client.post(reverse(name, args=[ready.pk]))
        assert answer.status_code == 404
        assert b"Lindqvist" not in answer.content


def test_a_person_who_lost_the_role_is_refused_on_the_next_press(
    owner: User, clinic: Clinic, ready: Exam, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    Membership.objects.filter(user=owner, clinic=clinic).update(role=Membership.Role.AUDITOR)
    answer = post(client, ready)
    assert answer.status_code == 403
    assert b"Lindqvist" not in answer.content
    assert not SignedReport.objects.exists()
    assert Patient.objects.count() == 1
    assert not Decision.objects.exists()
