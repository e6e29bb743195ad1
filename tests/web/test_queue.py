"""The review queue: red flags that nobody met come first, filters, counts, and supervisors told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from clinics.models import AuditEvent, Clinic
from clinics.refusals import Refused
from exams.escalation import late_flags, limit, minutes_of, unmet_flags
from exams.models import Exam, Observation, Patient, RedFlagAction
from exams.queue import counts_of, review_queue
from exams.services.flags import take_up_flags
from exams.services.review import countersign
from exams.services.signing import document_of, signature_holds
from localization import SOURCES
from tests import factories
from tests.plugins.flushing import unguarded
from tests.web.reviewed import address, looked_at, submitted_exam

SignIn = Callable[[User], Client]
QUEUE = "/reviews/"
TOLD = {"flag": "cauda_equina", "told": "on_call_team", "action": "MRI tonight", "clock": ""}


def page(client: Client, path: str = QUEUE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def recorded_ago(exam: Exam, minutes: int) -> None:
    """Let every answer of the exam have been recorded so many minutes ago."""
    then = timezone.now() - timedelta(minutes=minutes)
    with unguarded():
        Observation.objects.filter(exam=exam).update(recorded=then)


def sent_ago(exam: Exam, **ago: int) -> None:
    with unguarded():
        Exam.objects.filter(pk=exam.pk).update(submitted=timezone.now() - timedelta(**ago))


@pytest.fixture
def flagged_draft(owner: User) -> Exam:
    desk = factories.desk(owner)
    named = factories.patient(desk, family_name="Draftson")
    return factories.exam(desk, named, answers={"bladder_bowel": "yes"})


def test_an_exam_whose_rules_fail_is_never_taken_for_one_without_a_red_flag(
    flagged_draft: Exam, supervisor: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded():
        Exam.objects.filter(pk=flagged_draft.pk).update(started=timezone.now() - timedelta(hours=2))
    monkeypatch.setattr("exams.escalation.red_flags", lambda _: 1 / 0)
    client = sign_in(supervisor)
    shown = page(client)
    assert "1 exam with a red flag that nobody met." in shown
    assert "Its red flags could not be worked out." in shown
    assert address("review_flags", flagged_draft) not in shown
    refused = client.get(address("review_flags", flagged_draft))
    assert refused.status_code == 409
    assert "could not be worked out" in refused.content.decode()


def test_the_limit_has_a_basis_with_sources_and_lies_within_its_bounds() -> None:
    held = limit()
    assert held.at_least <= held.minutes <= held.at_most
    assert held.basis in {"judged", "published"}
    assert held.reason
    assert set(held.source) <= set(SOURCES)


def test_a_flag_rises_when_the_clinics_limit_has_passed_and_not_before(
    clinic: Clinic, flagged_draft: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    recorded_ago(flagged_draft, limit().minutes - 1)
    assert [one.exam for one in unmet_flags(clinic, timezone.now())] == [flagged_draft]
    assert "that nobody met" not in page(client, "/patients/")
    recorded_ago(flagged_draft, limit().minutes + 1)
    shown = page(client, "/patients/")
    assert "1 exam with a red flag that nobody met." in shown
    assert f"More than {limit().minutes} minutes have passed" in shown
    clinic.flag_minutes = 120
    clinic.save()
    assert minutes_of(clinic) == 120
    assert "that nobody met" not in page(client, "/patients/")


def test_late_flags_stand_above_everything_and_name_patient_flag_and_examiner(
    flagged_draft: Exam, owner: User, supervisor: User, sign_in: SignIn
) -> None:
    waiting = submitted_exam(owner, bladder_bowel="yes")
    recorded_ago(flagged_draft, 90)
    recorded_ago(waiting, 200)
    for path in (QUEUE, "/", f"{QUEUE}?flag=none"):
        shown = page(sign_in(supervisor), path)
        top = shown[shown.index('id="late-title"') : shown.index('id="queue-title"')]
        assert top.index(address("review_flags", waiting)) < top.index(address("review_flags", flagged_draft))
        for words in ("Draftson", "Possible cauda equina", "Olive Owner", "Draft", "1 hour, 30"):
            assert words in top.replace("\xa0", " ")


def test_only_supervisors_of_the_clinic_are_told(
    flagged_draft: Exam, owner: User, other_clinic: Clinic, sign_in: SignIn
) -> None:
    recorded_ago(flagged_draft, 90)
    stranger = factories.person(other_clinic, "supervisor", "Nora Neighbour")
    for person in (owner, stranger):
        assert "that nobody met" not in page(sign_in(person), "/patients/")
    assert late_flags(other_clinic) == []


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_supervisor_meets_the_flag_and_it_comes_off_the_top(
    is_signed: bool, flagged_draft: Exam, owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = submitted_exam(owner, bladder_bowel="yes") if is_signed else flagged_draft
    recorded_ago(exam, 90)
    if is_signed:
        recorded_ago(flagged_draft, 0)
    client, where = sign_in(supervisor), address("review_flags", exam)
    assert "Nobody recorded who was told." in page(client, where)
    sent = {**TOLD, "key": str(uuid4())}
    for _ in range(2):  # a double press records once
        assert client.post(where, sent).status_code == 302
    done = RedFlagAction.objects.get(exam=exam)
    assert (done.by, done.told, done.action) == (supervisor, "on_call_team", "MRI tonight")
    assert AuditEvent.objects.get(act="red_flag.acknowledged").user == supervisor
    assert "Told the on-call specialist" in page(client, where)
    assert late_flags(exam.clinic) == []


def test_what_a_supervisor_did_after_the_signature_prints_when_countersigned_and_breaks_no_signature(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = submitted_exam(owner, bladder_bowel="yes")
    sign_in(supervisor).post(address("review_flags", exam), {**TOLD, "key": str(uuid4())})
    signed = exam.signed_reports.get()
    before = signed.document
    assert signature_holds(signed)
    looked_at(supervisor, exam)
    assert "MRI tonight" in page(sign_in(supervisor), address("review", exam))
    desk = factories.desk(supervisor)
    second = countersign(desk=desk, exam=exam, agrees=True, site="", comment="", password=factories.PASSWORD)
    flag = document_of(second)["red_flags"]["flags"][0]
    assert len(flag["actions"]) == 1
    assert "MRI tonight" in flag["actions"][0]
    assert "Simon Supervisor" in flag["actions"][0]
    signed.refresh_from_db()
    assert signed.document == before
    assert signature_holds(second)


def test_meeting_a_flag_asks_for_everything_and_keeps_what_was_typed(
    flagged_draft: Exam, owner: User, supervisor: User, sign_in: SignIn
) -> None:
    client, where = sign_in(supervisor), address("review_flags", flagged_draft)
    answer = client.post(where, {**TOLD, "told": "", "key": str(uuid4())})
    assert answer.status_code == 422
    assert "Choose who was told." in answer.content.decode()
    assert "MRI tonight" in answer.content.decode()
    assert client.post(where, {**TOLD, "flag": "stroke_tia", "key": str(uuid4())}).status_code == 422
    assert sign_in(owner).post(where, {**TOLD, "key": str(uuid4())}).status_code == 403
    assert not RedFlagAction.objects.exists()


def test_a_decided_exam_takes_no_more_records_about_its_flags(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = looked_at(supervisor, submitted_exam(owner, bladder_bowel="yes"))
    desk = factories.desk(supervisor)
    countersign(desk=desk, exam=exam, agrees=True, site="", comment="", password=factories.PASSWORD)
    answer = sign_in(supervisor).post(address("review_flags", exam), {**TOLD, "key": str(uuid4())})
    assert answer.status_code == 409
    assert not RedFlagAction.objects.exists()


def test_the_service_itself_refuses_another_role_and_a_flag_that_is_not_raised(
    flagged_draft: Exam, owner: User, supervisor: User
) -> None:
    said: dict[str, Any] = {"told": "on_call_team", "action": "MRI tonight", "key": uuid4()}
    for person, flags, sentence in (
        (owner, ["cauda_equina"], "this is for supervisors"),
        (supervisor, ["stroke_tia"], "is not raised in this exam any more"),
    ):
        desk = factories.desk(person)
        with pytest.raises(Refused, match=sentence):
            take_up_flags(desk=desk, exam=flagged_draft, raised=["cauda_equina"], flags=flags, **said)
    assert not RedFlagAction.objects.exists()


@pytest.fixture
def three(owner: User, colleague: User, supervisor: User) -> tuple[Exam, Exam, Exam]:
    """One exam looked at and 4 days old, one of a colleague, and one with a red flag."""
    looked = looked_at(supervisor, submitted_exam(owner))
    other, flagged = submitted_exam(colleague), submitted_exam(owner, bladder_bowel="yes")
    sent_ago(looked, days=4)
    return looked, other, flagged


def test_filters_keep_exactly_what_they_say(
    three: tuple[Exam, Exam, Exam], colleague: User, supervisor: User, sign_in: SignIn
) -> None:
    looked, other, flagged = three
    asked = {
        "": {looked, other, flagged},
        "?state=looked": {looked},
        "?state=new": {other, flagged},
        f"?examiner={colleague.pk}": {other},
        "?flag=unmet": {flagged},
        "?flag=none": {looked, other},
        "?waited=3": {looked},
        "?waited=7": set(),
        "?state=new&flag=raised": {flagged},
        "?state=of-no-kind&page=": {looked, other, flagged},
    }
    client = sign_in(supervisor)
    for query, kept in asked.items():
        shown = page(client, QUEUE + query)
        rows = shown[shown.index('id="queue-title"') :]
        for exam in three:
            assert (f'href="{address("review", exam)}"' in rows) == (exam in kept), (query, exam)
    assert "None of the 3 waiting exams is of this kind" in page(client, f"{QUEUE}?waited=7")


def test_counts_and_age_stand_in_words(
    three: tuple[Exam, Exam, Exam], supervisor: User, sign_in: SignIn
) -> None:
    rows = review_queue(factories.desk(supervisor))
    counts = counts_of(rows)
    assert (counts.waiting, counts.flagged, counts.unmet) == (3, 1, 1)
    assert rows[0].exam == three[2]
    shown = page(sign_in(supervisor)).replace("\xa0", " ")
    assert "3 exams wait for your review. With a red flag: 1. With a red flag that nobody met: 1." in shown
    for words in ("waits 4 days", "Looked at, not decided (1)", "Olive Owner (2)", "Nobody told yet"):
        assert words in shown


def test_the_filter_works_as_a_plain_form_and_puts_no_patient_into_the_address(
    three: tuple[Exam, Exam, Exam], supervisor: User, sign_in: SignIn
) -> None:
    shown = page(sign_in(supervisor))
    form = shown[shown.index('<form class="card-x pad16 filter"') : shown.index('id="queue-title"')]
    assert 'method="get"' in form
    assert 'type="submit"' in form
    for patient in Patient.objects.all():
        for word in (patient.family_name, patient.number, str(patient.pk)):
            assert word not in form
    assert three[0].patient.number not in form
