"""What the patient's previous exam found, as quiet text beside the fields; never as their value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinics.models import Clinic
from exams.answer import Answer, answer_of
from exams.models import Exam, Observation
from exams.reading import shown_answer
from exams.services.localizing import clinic_date
from exams.sheet import Place
from localization import CATALOGUE, Finding

OTHER = "≠"
WAYS: Mapping[int, tuple[str, str]] = {1: ("↑", ": stronger"), -1: ("↓", ": weaker"), 0: (OTHER, "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How an answer differs from the previous exam's: a sign, and the same in words."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """One answer of the previous exam; `day` is when that was, such as “6 Nov”."""

    finding: Finding
    answer: Answer
    day: str

    @property
    def text(self) -> str:
        """The answer as it stands beside the field, such as “3 on 6 Nov”."""
        return f"{self._value(self.answer)} on {self.day}"

    def change_to(self, now: Answer) -> Change | None:
        """Return how an answer differs from this one; None when it says the same, or nothing yet."""
        if not (now.token or now.not_tested) or self._key(now) == self._key(self.answer):
            return None
        if now.not_tested or self.answer.not_tested:
            was, value = self._value(self.answer), self._value(now)
            return Change(sign=OTHER, text=f"Was {_lower(was)} on {self.day}, now {_lower(value)}")
        if self.finding.scale.kind == "number":
            return Change(sign=OTHER, text=f"Was {self._value(self.answer)} on {self.day}")
        sign, way = WAYS[self._way(now)]
        return Change(sign=sign, text=f"Changed from {self._value(self.answer)} ({self.day}){way}")

    def _way(self, now: Answer) -> int:
        """Return 1 when a strength rose, -1 when it fell, 0 where either cannot be placed on the scale.

        A grade that something limited, or whose technique was not as described, tells no direction.
        """
        answers = (self.answer, now)
        unsure = any(one.confounder or one.guard == Observation.Guard.NOT_HELD for one in answers)
        if unsure or self.finding.group != "strength":
            return 0
        ranks = {value.token: value.rank for value in self.finding.scale.values}
        before, after = (ranks.get(one.token) for one in answers)
        return 0 if before is None or after is None else (after > before) - (after < before)

    def _key(self, answer: Answer) -> object:
        """Return what two answers are compared by: value, what limited it, and whether its technique held.

        A number is compared by its size, anything else by its token.
        """
        if answer.not_tested:
            return None
        held = answer.guard != Observation.Guard.NOT_HELD
        try:
            return self.finding.check(answer.token), answer.confounder, answer.count_as, held
        except (KeyError, ValueError):
            return answer.token  # a value that this catalogue no longer knows

    def _value(self, answer: Answer) -> str:
        """Return an answer in words, with what limited it: a grade of 3 for pain is another 3."""
        shown = shown_answer(self.finding, answer)
        if not shown.detail:
            return shown.text
        return f"{shown.text} ({shown.detail})" if answer.not_tested else f"{shown.text}, {shown.detail}"


def previous_values(exam: Exam) -> Mapping[Place, Before]:
    """Return each answer of the patient's last signed exam before this one."""
    return {(one.finding.id, one.answer.side): one for one in _answers_before(exam)}


def previous_value(exam: Exam, place: Place) -> Before | None:
    """Return the previous exam's answer at one place, if it has one."""
    return next(iter(_answers_before(exam, finding=place[0], side=place[1])), None)


def _answers_before(exam: Exam, **at: str) -> Sequence[Before]:
    """Return the answers of the last signed exam before this one, all or those at one place.

    An earlier version of the same exam is no previous exam. It is asked for first and alone: most patients
    have none, and every answer that is saved asks.
    """
    earlier = Exam.objects.filter(clinic=exam.clinic_id, started__lt=exam.started).exclude(series=exam.series)
    mine = earlier.signed().of_record(exam.patient_id).order_by("-started")
    last = next(iter(mine.values_list("pk", "started")[:1]), None)
    if last is None:
        return ()
    rows = Observation.objects.filter(clinic=exam.clinic_id, exam=last[0], **at)
    day = _day(last[1], exam.started, exam.clinic)
    known = (row for row in rows if row.finding in CATALOGUE)
    return [Before(finding=CATALOGUE[row.finding], answer=answer_of(row), day=day) for row in known]


def _day(then: datetime, now: datetime, clinic: Clinic) -> str:
    """Return the day of the previous exam as it is said at this one: the year only when it is another."""
    before, today = (clinic_date(moment, clinic.time_zone) for moment in (then, now))
    return f"{before.day} {before:%b}" if before.year == today.year else f"{before.day} {before:%b %Y}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
