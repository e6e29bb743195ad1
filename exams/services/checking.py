"""What is still open in an exam before it can be signed."""

from __future__ import annotations

from dataclasses import dataclass

from exams.models import Exam, Observation
from exams.reading import SIDE_LABELS, asking, untested
from exams.services.exams import impression_of
from exams.sheet import Sheet, sheet_of
from exams.steps import required_findings
from localization import CATALOGUE, Finding

WRITE_IMPRESSION = "Write your own impression"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswer:
    """One thing that is open: which answer (no finding: the impression), and the sentence that asks for it.

    A `required` one needs an answer of its own before signing; the others can be marked as not done together.
    """

    finding: str
    side: str
    text: str
    required: bool


def open_answers(exam: Exam) -> tuple[OpenAnswer, ...]:
    """Return what is open in an exam, what is required first, each in the order of asking."""
    return open_in(sheet_of(exam))


def open_in(sheet: Sheet) -> tuple[OpenAnswer, ...]:
    """Return what is open on a sheet, as `open_answers` does."""
    required = required_findings(sheet.exam.protocol)
    found = [
        OpenAnswer(
            finding=finding, side=side, text=asking(CATALOGUE[finding], side), required=finding in required
        )
        for finding, side in sheet.open_places
    ]
    found += [
        OpenAnswer(
            finding=row.finding, side=row.side, text=_unfinished(CATALOGUE[row.finding], row), required=True
        )
        for row in sheet.unfinished
    ]
    if impression_of(sheet.exam) is None:
        found.append(OpenAnswer(finding="", side="", text=WRITE_IMPRESSION, required=True))
    order = {place: number for number, place in enumerate(sheet.places)}
    last = len(order)
    return tuple(
        sorted(found, key=lambda item: (not item.required, order.get((item.finding, item.side), last)))
    )


def _unfinished(finding: Finding, row: Observation) -> str:
    """Return what a stored answer still lacks: a reason, or how to count a grade that something limited."""
    where = f"“{finding.label}”" + (f", {SIDE_LABELS[row.side]}" if row.side else "")
    if row.not_tested and not row.reason:
        return f"Choose why {where} was {untested(finding).lower()}"
    return f"Decide how to count {where}: as weak, as normal, or not at all"
