"""Questions about single values: asked or verified by a supervisor, answered by the examiner, closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam, Observation, QuestionEntry
from exams.reading import SIDE_LABELS, in_one_line, shown
from exams.services.asked import UNSETTLED
from exams.services.review import may_review
from exams.services.states import locked_exam, must_be_draft, must_be_examiner
from exams.steps import asked_findings, sides_of
from localization import CATALOGUE

Kind, Category = QuestionEntry.Kind, QuestionEntry.Category
TEXT_LENGTH = 500
NO_VALUE = "Nothing was asked: choose a value from the list."
SAY_WHAT = f"Nothing was changed: write it in 1 to {TEXT_LENGTH} characters."
NOT_SUBMITTED = (
    "Values are asked about while the exam waits for its review. Nothing was changed. "
    "Open the newest version, or ask its examiner."
)
NOT_REVIEWER = "Only a supervisor who took no part in this exam may do this. Nothing was changed."
NOT_OPEN = "This question is closed already. Nothing was changed. Ask anew if something is still unclear."
NOT_ASKED = "There is no such question in this exam. Nothing was changed. Reload the page."
CHOOSE_HOW = "Nothing was changed: choose how you answer from the list."
NOT_CHANGED_YET = (
    "Nothing was changed: the value still reads as it did when it was asked about. "
    "Record the new value on its step first, or answer that it is as recorded."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One value with everything said about it; `now` is how it reads in the version that is shown."""

    id: uuid.UUID
    finding: str
    side: str
    label: str
    now: str
    entries: tuple[QuestionEntry, ...]

    @property
    def state(self) -> str:
        """What the last entry made of it: asked, answered, closed or verified."""
        return self.entries[-1].kind

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in UNSETTLED

    @property
    def then(self) -> str:
        """How the value read when it was first asked about."""
        return self.entries[0].value


def threads_of(exam: Exam) -> tuple[Thread, ...]:
    """Return what was asked and verified in any version of the exam, the open ones first."""
    entries = QuestionEntry.objects.filter(clinic=exam.clinic_id, series=exam.series)
    grouped: dict[uuid.UUID, list[QuestionEntry]] = {}
    for entry in entries.select_related("by", "exam").order_by("at"):
        grouped.setdefault(entry.thread, []).append(entry)
    rows = _rows(exam)
    threads = [_thread(rows, said) for said in grouped.values()]
    return tuple(sorted(threads, key=lambda thread: not thread.is_open))


def ask(*, desk: Desk, exam: Exam, finding: str, side: str, text: str) -> QuestionEntry:
    """Ask the examiner about one value of a submitted exam; raises Refused."""
    said = _text(text)
    with transaction.atomic():
        locked = _reviewed(desk, exam)
        _known(finding, side)
        return _say(desk, locked, Kind.ASKED, thread=uuid.uuid4(), place=(finding, side), text=said)


def verify(*, desk: Desk, exam: Exam, finding: str, side: str) -> QuestionEntry:
    """Note that the supervisor checked one value without a question; raises Refused."""
    with transaction.atomic():
        locked = _reviewed(desk, exam)
        _known(finding, side)
        return _say(desk, locked, Kind.VERIFIED, thread=uuid.uuid4(), place=(finding, side))


def answer(*, desk: Desk, exam: Exam, thread: uuid.UUID, category: str, text: str) -> QuestionEntry:
    """Answer a question in an own draft; a re-test needs its new value recorded there. Raises Refused."""
    if category not in Category.values:
        raise Refused(CHOOSE_HOW)
    said = text.strip()[:TEXT_LENGTH]
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        must_be_draft(locked)
        must_be_examiner(locked, desk.user)
        found = _open_thread(locked, thread)
        if category in {Category.TESTED_AGAIN, Category.SLIP} and found.now == found.then:
            raise Refused(NOT_CHANGED_YET)
        place = (found.finding, found.side)
        return _say(desk, locked, Kind.ANSWERED, thread=thread, place=place, text=said, category=category)


def close(*, desk: Desk, exam: Exam, thread: uuid.UUID) -> QuestionEntry:
    """Close a question of a submitted exam, answered or not; raises Refused."""
    with transaction.atomic():
        locked = _reviewed(desk, exam)
        found = _open_thread(locked, thread)
        return _say(desk, locked, Kind.CLOSED, thread=thread, place=(found.finding, found.side))


def askable(exam: Exam) -> Sequence[tuple[str, str]]:
    """Return every recorded value as (place, words), in the catalogue's order."""
    rows = _rows(exam)
    places = ((finding, side) for finding in CATALOGUE.findings.values() for side in sides_of(finding))
    recorded = [(finding.id, side) for finding, side in places if (finding.id, side) in rows]
    return [(".".join(place), f"{_label(*place)}: {_words(rows[place], *place)}") for place in recorded]


def _say(
    desk: Desk,
    exam: Exam,
    kind: QuestionEntry.Kind,
    *,
    thread: uuid.UUID,
    place: tuple[str, str],
    text: str = "",
    category: str = "",
) -> QuestionEntry:
    entry = QuestionEntry.objects.create(
        clinic=desk.clinic,
        thread=thread,
        series=exam.series,
        exam=exam,
        finding=place[0],
        side=place[1],
        kind=kind,
        category=category,
        text=text,
        value=_value(exam, *place),
        by=desk.user,
        at=timezone.now(),
    )
    values = {
        "thread": str(thread),
        "place": list(place),
        "category": category,
        "text": text,
        "value": entry.value,
    }
    record(desk, f"question.{kind}", exam, values=values, subject=exam.patient_id)
    return entry


def _reviewed(desk: Desk, exam: Exam) -> Exam:
    locked = locked_exam(desk.clinic, exam)
    if not may_review(desk, locked):
        raise Refused(NOT_REVIEWER, status=403)
    if locked.state != Exam.State.SUBMITTED:
        raise Refused(NOT_SUBMITTED)
    return locked


def _open_thread(exam: Exam, thread: uuid.UUID) -> Thread:
    found = next((one for one in threads_of(exam) if one.id == thread), None)
    if found is None:
        raise Refused(NOT_ASKED)
    if not found.is_open:
        raise Refused(NOT_OPEN)
    return found


def _thread(rows: Mapping[tuple[str, str], Observation], entries: Sequence[QuestionEntry]) -> Thread:
    first = entries[0]
    place = (first.finding, first.side)
    return Thread(
        id=first.thread,
        finding=first.finding,
        side=first.side,
        label=_label(*place),
        now=_words(rows.get(place), *place),
        entries=tuple(entries),
    )


def _known(finding: str, side: str) -> None:
    if finding not in asked_findings() or side not in sides_of(CATALOGUE[finding]):
        raise Refused(NO_VALUE)


def _label(finding: str, side: str) -> str:
    label = CATALOGUE[finding].label
    return f"{label}, {SIDE_LABELS[side]}" if side else label


def _rows(exam: Exam) -> Mapping[tuple[str, str], Observation]:
    found = Observation.objects.filter(clinic=exam.clinic_id, exam=exam)
    return {(row.finding, row.side): row for row in found}


def _value(exam: Exam, finding: str, side: str) -> str:
    rows = Observation.objects.filter(clinic=exam.clinic_id, exam=exam, finding=finding, side=side)
    return _words(rows.first(), finding, side)


def _words(row: Observation | None, finding: str, side: str) -> str:
    return in_one_line(shown(CATALOGUE[finding], side, row))


def _text(said: str) -> str:
    words = said.strip()
    if not words or len(words) > TEXT_LENGTH:
        raise Refused(SAY_WHAT)
    return words
