"""Tells whether an answer was changed elsewhere since the page that gives it was made, and by whom."""

from __future__ import annotations

from datetime import datetime

from clinics.audit import values_of
from clinics.models import AuditEvent
from exams.answer import Answer, answer_id, answer_of
from exams.models import Exam, Observation


class Conflict(Exception):  # noqa: N818 - a stale edit is an ordinary outcome
    """The answer was changed elsewhere since this page was loaded; nothing was overwritten.

    `theirs` is None when the answer was cleared elsewhere; `who` and `when` tell the other change, and an
    answer given to `revision` has seen it.
    """

    def __init__(
        self, *, yours: Answer, theirs: Answer | None, revision: int, who: str, when: datetime | None
    ) -> None:
        super().__init__(f"{yours.finding} was changed elsewhere")
        self.yours = yours
        self.theirs = theirs
        self.revision = revision
        self.who = who
        self.when = when


def is_stale(exam: Exam, answer: Answer, row: Observation | None) -> bool:
    """Whether the record was changed at the answer's place since the revision that it was given to.

    An unset answer has no row that could tell: it was changed if it was cleared since.
    """
    if row is not None:
        return row.revision != answer.revision
    if answer.revision > exam.revision:
        return True  # no page was given such a revision
    if answer.revision >= exam.cleared_revision:
        return False
    cleared = _clearing(exam, answer)
    values = values_of(cleared) if cleared else None
    cleared_at = values["revision"] if values else 0
    return isinstance(cleared_at, int) and cleared_at > answer.revision


def _clearing(exam: Exam, answer: Answer) -> AuditEvent | None:
    """Return the event of the last time that an answer at this place was cleared."""
    place = str(answer_id(exam, answer.finding, answer.side))
    cleared = AuditEvent.objects.filter(clinic=exam.clinic_id, object_id=place, act="answer.cleared")
    return cleared.select_related("user").order_by("-sequence").first()


def conflict_with(exam: Exam, answer: Answer, row: Observation | None) -> Conflict:
    """Return the conflict of a stale answer with what the record holds at its place, to be raised."""
    if row is not None:
        who = row.recorded_by.get_full_name() or row.recorded_by.get_username()
        return Conflict(
            yours=answer, theirs=answer_of(row), revision=row.revision, who=who, when=row.recorded
        )
    cleared = _clearing(exam, answer)
    who = cleared.user.get_full_name() if cleared and cleared.user else ""
    when = cleared.at if cleared else None
    return Conflict(yours=answer, theirs=None, revision=exam.revision, who=who, when=when)
