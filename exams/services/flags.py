"""Meeting red flags: who was told, when, and what was agreed, in one transaction with its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Clinic
from clinics.refusals import Refused
from exams.models import Exam, RedFlagAction
from exams.services.exams import locked_draft
from exams.services.localizing import localize_exam
from exams.telling import TELLING

ACTION_LENGTH = 500
NOT_RAISED = (
    "Not recorded: a red flag that you named is not raised in this exam any more. The flags that are raised "
    "stay. Load the page again and record it for those."
)
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
    said = action.strip()
    if not flags or told not in {one.id for one in TELLING} or not 0 < len(said) <= ACTION_LENGTH:
        raise Refused(INCOMPLETE)
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        if not set(flags) <= {raised.id for raised in localize_exam(draft).red_flags}:
            raise Refused(NOT_RAISED)
        now = timezone.now()
        told_at = told_today(desk.clinic, clock, now)
        return tuple(
            _met(desk, draft, flag, key, told=told, told_at=told_at, action=said, at=now)
            for flag in dict.fromkeys(flags)
        )


def _met(
    desk: Desk, draft: Exam, flag: str, key: UUID, *, told: str, told_at: datetime, action: str, at: datetime
) -> RedFlagAction:
    done, is_new = RedFlagAction.objects.get_or_create(
        clinic=desk.clinic,
        exam=draft,
        pk=uuid5(draft.pk, f"{key}.{flag}"),
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
        record(desk, "red_flag.acknowledged", done, values=values, subject=draft.patient_id)
    return done
