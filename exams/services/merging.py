"""Putting a duplicate patient's record under the one that stays, and taking that back; no exam is rewritten.

Every exam keeps the patient under whom it was recorded and signed: what stands under whom is said by the
patients' rows alone, so that signatures, replays and the trail hold before and after.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clinics.audit import JSON, record
from clinics.desk import Desk
from clinics.models import Membership
from clinics.refusals import Refused
from exams.models import Exam, Patient, PatientMerge

REASON_LENGTH = 500
SAY_WHY = f"Nothing was merged: write why, in 1 to {REASON_LENGTH} characters."
NOT_SUPERVISOR = (
    "Merging records is for supervisors of this clinic. Nothing was changed. Ask one of them to do it."
)
SAME = "Both numbers are of one record. Nothing was merged. Type the number of the other one."
MERGED_ALREADY = "This record is merged already. Nothing was changed. Load the page again to see into which."
TARGET_MERGED = (
    "The record that should stay is itself merged into another. Nothing was changed. "
    "Open that one, and merge there."
)
HOLDS_OTHERS = (
    "The record that should go under this one holds merged records of its own. Nothing was changed. "
    "Merge the other way round, or undo those first."
)
DRAFT_OPEN = (
    "An exam of the record that should go under this one is still a draft. Nothing was merged. "
    "It has to be signed or made void first, so that nobody signs for a patient who has just changed."
)
NOT_MERGED = "This record is not merged any more. Nothing was changed. Load the page again."
VERSIONS_MIXED = (
    "Since the merge, a newer version of one of these exams was opened under the record that stays. "
    "Nothing was undone. Make that version void first, if it belongs to the other person."
)


def merge_patients(*, desk: Desk, source: Patient, target: Patient, reason: str) -> PatientMerge:
    """Put the source's record under the target's, with the reason; raises Refused, and then nothing changed.

    The source stays readable, its exams keep their identity as signed and are listed under the target.
    """
    why = _reason(reason)
    if source.pk == target.pk:
        raise Refused(SAME)
    with transaction.atomic():
        _must_supervise(desk)
        source, target = _locked(desk, source, target)
        if source.merged_into_id is not None:
            raise Refused(MERGED_ALREADY, status=409)
        if target.merged_into_id is not None:
            raise Refused(TARGET_MERGED, status=409)
        if source.absorbed.exists():
            raise Refused(HOLDS_OTHERS, status=409)
        if Exam.objects.of(desk.clinic).drafts().filter(patient=source).exists():
            raise Refused(DRAFT_OPEN, status=409)
        return _moved(desk, source, target, PatientMerge.Kind.MERGED, why)


def undo_merge(*, desk: Desk, source: Patient, reason: str) -> PatientMerge:
    """Take a merge back, with the reason: the source stands for itself again with its own exams.

    What was recorded under the target since then stays there. Raises Refused when a version of one of the
    source's exams was opened under the target and stands.
    """
    why = _reason(reason)
    with transaction.atomic():
        _must_supervise(desk)
        if source.merged_into is None:
            raise Refused(NOT_MERGED, status=409)
        source, target = _locked(desk, source, source.merged_into)
        if source.merged_into_id != target.pk:
            raise Refused(NOT_MERGED, status=409)
        own_series = Exam.objects.of(desk.clinic).filter(patient=source).values("series")
        later = Exam.objects.of(desk.clinic).filter(patient=target, series__in=own_series)
        if later.exclude(state=Exam.State.VOID).exists():
            raise Refused(VERSIONS_MIXED, status=409)
        return _moved(desk, source, target, PatientMerge.Kind.UNDONE, why)


def stands_under(desk: Desk, patient: Patient) -> Patient:
    """Return the record under which this patient's exams are opened now; the patient's row stays locked."""
    locked = Patient.objects.select_for_update(of=("self",)).of(desk.clinic).get(pk=patient.pk)
    return locked.merged_into or locked


def _moved(
    desk: Desk, source: Patient, target: Patient, kind: PatientMerge.Kind, reason: str
) -> PatientMerge:
    source.merged_into = target if kind == PatientMerge.Kind.MERGED else None
    source.save(update_fields=["merged_into"])
    done = PatientMerge.objects.create(
        clinic=desk.clinic,
        source=source,
        target=target,
        kind=kind,
        reason=reason,
        by=desk.user,
        at=timezone.now(),
    )
    values: dict[str, JSON] = {"source": str(source.pk), "target": str(target.pk), "reason": reason}
    # One event about each, so that either patient's own trail tells of it.
    record(desk, f"patient.{kind.value}", source, values=values, subject=source.pk)
    record(desk, f"patient.{kind.value}_here", target, values=values, subject=target.pk)
    return done


def _locked(desk: Desk, source: Patient, target: Patient) -> tuple[Patient, Patient]:
    """Return both records, locked in one order whoever asks, so that two merges never wait for each other."""
    found = Patient.objects.select_for_update(of=("self",)).of(desk.clinic).order_by("pk")
    rows = {row.pk: row for row in found.filter(pk__in=(source.pk, target.pk))}
    return rows[source.pk], rows[target.pk]


def _must_supervise(desk: Desk) -> None:
    seat = Membership.objects.current().filter(clinic=desk.clinic, user=desk.user).first()
    if seat is None or not seat.may_supervise:
        raise Refused(NOT_SUPERVISOR, status=403)


def _reason(said: str) -> str:
    words = said.strip()
    if not 0 < len(words) <= REASON_LENGTH:
        raise Refused(SAY_WHY)
    return words
