"""Merging two records of one person: both seen first, nothing signed rewritten, found by either, undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.audit import verify_chain
from clinics.models import AuditEvent, Clinic
from clinics.refusals import Refused
from exams.models import Exam, Patient, PatientMerge
from exams.previous import previous_values
from exams.search import find_patients
from exams.services.afterwards import amend, void
from exams.services.exams import start_exam
from exams.services.merging import merge_patients, undo_merge
from exams.services.replay import replay
from exams.services.review import return_exam
from exams.services.signing import signature_holds
from exams.worklists import exams_of
from tests import factories
from tests.web.reviewed import address, looked_at, submitted_exam

SignIn = Callable[[User], Client]
WHY = "Entered twice at the desk."


@pytest.fixture
def stays(owner: User) -> Patient:
    return factories.patient(factories.desk(owner), given_name="Astrid", number="FD-9001")


@pytest.fixture
def signed(owner: User) -> Exam:
    """A signed exam of the record that goes: the same person, entered under the maiden name."""
    exam = submitted_exam(owner)
    goes = exam.patient
    goes.family_name, goes.birth_date = "Bergstrand", date(1961, 3, 15)
    Patient.objects.filter(pk=goes.pk).update(family_name="Bergstrand", birth_date=goes.birth_date)
    return Exam.objects.select_related("patient", "clinic").get(pk=exam.pk)


def where(patient: Patient) -> str:
    return address("patient_merge", patient)


def sent(goes: Patient, **said: str) -> dict[str, str]:
    return {"act": "merge", "number": goes.number, "seen": "on", "reason": WHY, **said}


def merged(supervisor: User, goes: Patient, stays: Patient) -> PatientMerge:
    return merge_patients(desk=factories.desk(supervisor), source=goes, target=stays, reason=WHY)


def test_both_records_stand_side_by_side_with_what_differs_before_anything_is_merged(
    stays: Patient, signed: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client, goes = sign_in(supervisor), signed.patient
    page = client.post(where(stays), {"act": "compare", "number": goes.number}).content.decode()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    rows = [row for row in table.split("<tr") if "scope" in row]
    said = {row.split('scope="row">')[1].split("<")[0]: row for row in rows}
    for label, differs in (("Family name", True), ("Given name", False), ("Born", True), ("Sex", False)):
        assert ("Differs" in said[label]) == differs, label
    assert said["Born"].index("14 Mar 1961") < said["Born"].index("15 Mar 1961")
    assert "signed by the examiner" in said["Exams"]
    assert not PatientMerge.objects.exists()
    seen = AuditEvent.objects.filter(act="patient.viewed", user=supervisor)
    assert {stays.pk, goes.pk} <= set(seen.values_list("subject", flat=True))


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"seen": ""}, "Say that you compared both records. Nothing was merged."),
        ({"reason": " "}, "Nothing was merged: write why"),
        ({"number": "FD-0"}, "No other record of this clinic has this number."),
        ({"number": "FD-9001"}, "No other record of this clinic has this number."),
    ],
)
def test_a_merge_asks_for_the_comparison_and_the_reason(
    missing: dict[str, str], sentence: str, stays: Patient, signed: Exam, supervisor: User, sign_in: SignIn
) -> None:
    answer = sign_in(supervisor).post(where(stays), sent(signed.patient, **missing))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PatientMerge.objects.exists()


def test_every_exam_stands_under_the_record_that_stays_and_the_other_says_where_it_went(
    stays: Patient, signed: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client, goes = sign_in(supervisor), signed.patient
    assert client.post(where(stays), sent(goes)).status_code == 302
    page = client.get(address("patient", stays)).content.decode()
    assert address("exam", signed) in page
    assert f"recorded as Bergstrand, Astrid, {goes.number}" in page
    assert WHY in page
    other = client.get(address("patient", goes)).content.decode()
    assert "Merged into" in other
    assert address("patient", stays) in other
    assert address("exam", signed) in other
    assert "Start exam" not in other
    for words in (goes.number, "Bergstrand", "15 Mar 1961", "Lindqvist"):
        assert [one.pk for one in find_patients(stays.clinic, words).patients] == [stays.pk], words
    shown = client.post("/patients/", {"words": "Bergstrand"}).content.decode()
    assert f"also Bergstrand, Astrid, {goes.number}" in shown


def test_S02_signatures_replay_and_trail_hold_through_merge_and_undo(
    clinic: Clinic, stays: Patient, signed: Exam, owner: User, supervisor: User, sign_in: SignIn
) -> None:
    report = signed.signed_reports.get()
    before = report.document
    desk = factories.desk(owner)
    shown = factories.exam(desk, signed.patient, answers={"ankle_dorsiflexion.left": "3"})
    void(desk=desk, exam=shown, reason="Started twice.")
    answers = replay(shown)
    assert answers
    merged(supervisor, signed.patient, stays)
    report.refresh_from_db()
    assert signature_holds(report)
    assert report.document == before
    assert replay(Exam.objects.get(pk=shown.pk)) == answers
    page = sign_in(owner).get(address("report", signed)).content.decode()
    assert "merged into" in page
    assert "The report stays as it was signed." in page
    goes = Patient.objects.get(pk=signed.patient_id)
    undo_merge(desk=factories.desk(supervisor), source=goes, reason="Two sisters.")
    report.refresh_from_db()
    assert signature_holds(report)
    assert verify_chain(clinic) is None


def test_both_trails_tell_who_merged_what_and_why(stays: Patient, signed: Exam, supervisor: User) -> None:
    merged(supervisor, signed.patient, stays)
    goes = Patient.objects.get(pk=signed.patient_id)
    undo_merge(desk=factories.desk(supervisor), source=goes, reason="Two sisters.")
    for patient, acts in (
        (goes, ["patient.merged", "patient.undone"]),
        (stays, ["patient.merged_here", "patient.undone_here"]),
    ):
        told = AuditEvent.objects.filter(subject=patient.pk, act__startswith="patient.", user=supervisor)
        assert list(told.order_by("sequence").values_list("act", flat=True)) == acts
    kinds = PatientMerge.objects.values_list("kind", "reason", "by")
    assert list(kinds) == [("merged", WHY, supervisor.pk), ("undone", "Two sisters.", supervisor.pk)]
    assert [exam.pk for exam in exams_of(goes)] == [signed.pk]
    assert exams_of(stays) == []


def test_a_draft_of_the_record_that_goes_stands_in_the_way_until_it_is_void(
    stays: Patient, signed: Exam, owner: User, supervisor: User
) -> None:
    desk = factories.desk(owner)
    draft = factories.exam(desk, signed.patient)
    with pytest.raises(Refused, match="still a draft"):
        merged(supervisor, signed.patient, stays)
    void(desk=desk, exam=draft, reason="Started by mistake.")
    merged(supervisor, signed.patient, stays)
    goes = Patient.objects.get(pk=signed.patient_id)
    with pytest.raises(Refused, match="No exam was started"):
        start_exam(desk=desk, patient=goes, protocol="core", affected_side="left")
    assert not Exam.objects.drafts().exists()


def test_a_merged_record_cannot_be_changed_merged_again_or_take_another_in(
    stays: Patient, signed: Exam, owner: User, supervisor: User, sign_in: SignIn
) -> None:
    goes, third = signed.patient, factories.patient(factories.desk(owner), number="FD-9002")
    merged(supervisor, goes, stays)
    for source, target in ((goes, third), (third, goes), (stays, third), (stays, stays)):
        with pytest.raises(Refused):
            merged(supervisor, source, target)
    changed = {"family_name": "New", "given_name": "A", "birth_date": "1961-03-14", "sex": "female"}
    answer = sign_in(owner).post(address("patient_edit", goes), {**changed, "number": "FD-5"})
    assert "Nothing was changed" in answer.content.decode()
    assert Patient.objects.get(pk=goes.pk).family_name == "Bergstrand"
    assert PatientMerge.objects.count() == 1


def test_a_returned_exam_goes_on_under_the_record_that_stays_and_then_blocks_the_undo(
    stays: Patient, signed: Exam, owner: User, supervisor: User
) -> None:
    merged(supervisor, signed.patient, stays)
    looked_at(supervisor, signed)
    draft = return_exam(desk=factories.desk(supervisor), exam=signed, comment="Test the hip again.")
    assert draft.patient == stays
    # The trail of the record that stays gives the new version whole.
    places = set(signed.observations.values_list("finding", "side"))
    assert set(replay(draft)) == places
    assert len(places) > 20
    goes = Patient.objects.get(pk=signed.patient_id)
    desk = factories.desk(supervisor)
    with pytest.raises(Refused, match="Nothing was undone"):
        undo_merge(desk=desk, source=goes, reason="Two sisters.")
    void(desk=factories.desk(owner), exam=draft, reason="Belongs to the sister.")
    undo_merge(desk=desk, source=goes, reason="Two sisters.")
    assert Patient.objects.get(pk=goes.pk).merged_into is None


def test_the_next_exam_reads_the_last_visit_of_the_merged_record(
    stays: Patient, signed: Exam, owner: User, supervisor: User
) -> None:
    merged(supervisor, signed.patient, stays)
    following = factories.exam(factories.desk(owner), stays)
    after = signed.started + timedelta(days=30)
    Exam.objects.filter(pk=following.pk).update(started=after)
    following.refresh_from_db()
    assert previous_values(following)["ankle_dorsiflexion", "left"].answer.token == "2"


def test_only_a_supervisor_of_the_clinic_merges(
    stays: Patient,
    signed: Exam,
    owner: User,
    clinic_admin: User,
    other_clinic: Clinic,
    sign_in: SignIn,
) -> None:
    neighbour = factories.person(other_clinic, "supervisor", "Nora Neighbour")
    for person, status in ((owner, 403), (clinic_admin, 403), (neighbour, 404)):
        assert sign_in(person).post(where(stays), sent(signed.patient)).status_code == status
    with pytest.raises(Refused, match="for supervisors"):
        merged(owner, signed.patient, stays)
    foreign = factories.patient(factories.desk(neighbour), number="FD-7777")
    with pytest.raises((Refused, KeyError)):
        merged(factories.person(stays.clinic, "supervisor", "Ute Umpire"), foreign, stays)
    assert not PatientMerge.objects.exists()


def test_an_amendment_of_a_merged_record_is_listed_once_under_the_record_that_stays(
    stays: Patient, signed: Exam, supervisor: User, sign_in: SignIn
) -> None:
    looked_at(supervisor, signed)
    body = {"outcome": "agree", "site": "", "comment": "", "password": factories.PASSWORD}
    assert sign_in(supervisor).post(address("review_decide", signed), body).status_code == 302
    merged(supervisor, signed.patient, stays)
    again = amend(desk=factories.desk(supervisor), exam=signed, reason="A slip.")
    assert [exam.pk for exam in exams_of(stays)] == [again.pk, signed.pk]
    page = sign_in(supervisor).get(address("patient", stays)).content.decode()
    assert "Countersigned" in page
    assert page.count("recorded as Bergstrand") == 1
