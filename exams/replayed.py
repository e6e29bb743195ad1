"""One moment of a replayed exam in words: what was just recorded and which levels it supported then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from exams.answer import Answer
from exams.models import Exam, Observation
from exams.reading import SIDE_LABELS, in_one_line, shown_answer
from exams.services.localizing import localize_exam
from exams.services.replay import Moment
from localization import CATALOGUE, Report

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One answer that a moment brought: what, on which side, and its value before and after in words."""

    label: str
    side: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedStep:
    """The moment `number` of a replay; `report` reads it by today's rules and is None when that fails."""

    number: int
    at: datetime
    who: str
    recorded: tuple[Recorded, ...]
    held: int
    report: Report | None
    flags: tuple[str, ...]


def replayed_step(exam: Exam, found: Sequence[Moment], number: int) -> ReplayedStep:
    """Return a moment, counted from 1, with what it changed against the one before."""
    moment = found[number - 1]
    before = found[number - 2].answers if number > 1 else {}
    reading = localize_exam(exam, [_row(exam, answer) for answer in moment.answers.values()])
    user = moment.event.user
    return ReplayedStep(
        number=number,
        at=moment.event.at,
        who=(user.get_full_name() or user.get_username()) if user else "",
        recorded=_recorded(before, moment.answers),
        held=len(moment.answers),
        report=reading.report,
        flags=tuple(flag.label for flag in reading.red_flags),
    )


def _recorded(before: Mapping[Place, Answer], after: Mapping[Place, Answer]) -> tuple[Recorded, ...]:
    changed = [place for place in {**before, **after} if before.get(place) != after.get(place)]
    return tuple(
        Recorded(
            label=CATALOGUE[finding].label,
            side=SIDE_LABELS[side],
            before=_words(before.get((finding, side))),
            after=_words(after.get((finding, side))),
        )
        for finding, side in changed
    )


def _words(answer: Answer | None) -> str:
    return "Not recorded" if answer is None else in_one_line(shown_answer(CATALOGUE[answer.finding], answer))


def _row(exam: Exam, answer: Answer) -> Observation:
    """Return the answer as a row that is stored nowhere, so that it is read as any other."""
    said = {name: value for name, value in asdict(answer).items() if name != "cleared"}
    return Observation(clinic_id=exam.clinic_id, exam=exam, **said)
