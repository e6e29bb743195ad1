"""Signing: what stands in the way, who may, and what the page says."""

from __future__ import annotations

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
from clinics.refusals import Refused
from exams.models import Decision, Exam, Observation, Opinion, Patient, SignedReport
from exams.pdf import PdfBusy
from exams.services import passwords, signing
from exams.services.review import look_first, open_review
from exams.services.signing import (
    SigningRefused,
    WrongPassword,
    mark_rest_not_done,
    signature_holds,
)
from exams.sheet import sheet_of
from exams.steps import core_findings
from tests import factories
from tests.plugins.flushing import unguarded
from tests.web.reported import fibular_exam, ready_to_sign
from tests.web.signed import refused, sign

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def ready(owner: User) -> Exam:
    desk = factories.desk(owner)
    return ready_to_sign(desk, fibular_exam(desk))


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
