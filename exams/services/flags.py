"""Meeting red flags: who was told, when, and what was agreed, in one transaction with its events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Clinic, Membership
from clinics.refusals import Refused
from exams.models import Exam, RedFlagAction
from exams.services.exams import locked_draft
from exams.services.localizing import localize_exam
from exams.services.states import REASONS, locked_exam
from exams.telling import TELLING

ACTION_LENGTH = 500
NOT_RAISED = (
    "Not recorded: a red flag that you named is not raised in this exam any more. The flags that are raised "
    "stay. Load the page again and record it for those."
)
NOT_SUPERVISOR = (
    "Not recorded: this is for supervisors of this clinic, and you are not one now. The red flag stays. "
    "Ask the clinic’s administrator about your role."
)
# The states in which somebody still has to be told of a flag.
OPEN_STATES = (Exam.State.DRAFT, Exam.State.SUBMITTED)
INCOMPLETE = (
    f"Not recorded: choose who was told, and write what was agreed in 1 to {ACTION_LENGTH} characters. "
    "The red flag stays."
)
STILL_TO_COME = (
    "Nothing was recorded yet. That time is still to come in this clinic. "
    "Type when they were told, or leave it empty for now."
)
NO_SUCH_TIME = (
    "Nothing was recorded yet. The clocks skipped that time today in this clinic. Type when they were told."
)


class NoSuchTime(Refused):
    """They cannot have been told at that time of today; the sentence says why."""


def told_today(clinic: Clinic, clock: time | None, now: datetime) -> datetime:
    """Return the moment of a wall-clock time of today in the clinic's zone; no time means now.

    Raises NoSuchTime for a time that is still to come or that the clocks skipped today.
    """
    if clock is None:
        return now
    zone = ZoneInfo(clinic.time_zone)
    local = datetime.combine(now.astimezone(zone).date(), clock, tzinfo=zone)
    if local.astimezone(ZoneInfo("UTC")).astimezone(zone).time() != clock:
        raise NoSuchTime(NO_SUCH_TIME)
    if local.astimezone(ZoneInfo("UTC")) > now:
        raise NoSuchTime(STILL_TO_COME)
    return local


def meet_flags(
    *,
    desk: Desk,
    exam: Exam,
    flags: Sequence[str],
    told: str,
    action: str,
    key: UUID,
    clock: time | None = None,
) -> tuple[RedFlagAction, ...]:
    """Record, for each of these raised red flags, who was told, when, and what was agreed; the flags stay.

    `clock` is a time of today in the clinic's zone, now without one. The same `key` sent again, such as by
    a double tap, gives the same record; a later key adds another beside it.
    """
    said = _complete(flags, told, action)
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        if not set(flags) <= {raised.id for raised in localize_exam(draft).red_flags}:
            raise Refused(NOT_RAISED)
        return _all_met(desk, draft, flags, key, told=told, clock=clock, action=said)


def take_up_flags(
    *,
    desk: Desk,
    exam: Exam,
    raised: Collection[str],
    flags: Sequence[str],
    told: str,
    action: str,
    key: UUID,
    clock: time | None = None,
) -> tuple[RedFlagAction, ...]:
    """Record as a supervisor, in a colleague's draft or a signed exam, who was told of its red flags.

    `raised` are the flags of the exam as the page showed them. Nothing that was signed changes: the record
    stands beside it and prints with the countersigned report. The same `key` gives the same record.
    """
    said = _complete(flags, told, action)
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        seat = Membership.objects.current().filter(clinic=desk.clinic, user=desk.user).first()
        if seat is None or not seat.may_supervise:
            raise Refused(NOT_SUPERVISOR, status=403)
        if locked.state not in OPEN_STATES:
            raise Refused(REASONS[locked.state], status=409)
        if not set(flags) <= set(raised):
            raise Refused(NOT_RAISED)
        return _all_met(desk, locked, flags, key, told=told, clock=clock, action=said)


def _complete(flags: Sequence[str], told: str, action: str) -> str:
    """Return what was agreed; raises Refused when it, the flags, or who was told is missing."""
    said = action.strip()
    if not flags or told not in {one.id for one in TELLING} or not 0 < len(said) <= ACTION_LENGTH:
        raise Refused(INCOMPLETE)
    return said


def _all_met(
    desk: Desk, exam: Exam, flags: Sequence[str], key: UUID, *, told: str, clock: time | None, action: str
) -> tuple[RedFlagAction, ...]:
    now = timezone.now()
    told_at = told_today(desk.clinic, clock, now)
    return tuple(
        _met(desk, exam, flag, key, told=told, told_at=told_at, action=action, at=now)
        for flag in dict.fromkeys(flags)
    )


def _met(
    desk: Desk, exam: Exam, flag: str, key: UUID, *, told: str, told_at: datetime, action: str, at: datetime
) -> RedFlagAction:
    done, is_new = RedFlagAction.objects.get_or_create(
        clinic=desk.clinic,
        exam=exam,
        pk=uuid5(exam.pk, f"{key}.{flag}"),
        defaults={
            "flag": flag,
            "told": told,
            "told_at": told_at,
            "action": action,
            "by": desk.user,
            "at": at,
        },
    )
    if is_new:
        values = {"flag": flag, "told": told, "told_at": told_at.isoformat(), "action": action}
        record(desk, "red_flag.acknowledged", done, values=values, subject=exam.patient_id)
    return done
