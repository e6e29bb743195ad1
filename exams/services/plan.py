"""The plan of an exam: what it asks now, opening more of it, and the rounds of the shortest protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from clinics.audit import record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.answer import Rejected
from exams.models import Exam
from exams.services.exams import locked_draft, may_show_ranking
from exams.services.localizing import localize_exam
from exams.sheet import Sheet, sheet_of
from exams.steps import IMPRESSION, STEPS, Step, asked_findings, protocol_findings, step_asking
from localization import CATALOGUE, DECIDING, Report, red_flag_questions

NOT_ASKED = (
    "Not saved: {finding} is not asked in this exam. Everything recorded is kept. "
    "Open the test first, or widen the exam to the full one, then answer it."
)
UNKNOWN = (
    "Not opened: the exam has no such test. Everything recorded is kept. "
    "Go back, and choose a test from the page."
)
FAILED = (
    "The rules could not be run, so no next test was chosen. Everything recorded is kept. "
    "Write your impression, or widen the exam to the full one."
)
OPENED = "Opened now, as the next best tests in one position: {tests}."
NOTHING_LEFT = "No bedside test that is left is expected to tell the levels further apart."
# Where the ranking is hidden, so is why no further test follows.
ENDED = "The shortest exam has no further test to ask."
GO_ON = "Write your own impression. You can still open any test, or widen the exam to the full one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Where a shortest exam goes on, and what is told: which tests were opened, or why none was."""

    slug: str
    told: str = ""


def is_asked(exam: Exam, finding: str) -> bool:
    """Return whether the exam's protocol asks a finding, or it was opened beyond it; reads nothing."""
    return finding in exam.opened or finding in protocol_findings(exam.protocol)


def must_be_asked(exam: Exam, finding: str) -> None:
    """Raise Rejected for a first answer to a finding that is not in the exam's plan."""
    if not is_asked(exam, finding) and not exam.observations.filter(finding=finding).exists():
        raise Rejected(NOT_ASKED.format(finding=f"“{CATALOGUE[finding].label}”"))


def stays_open(exam: Exam, finding: str) -> dict[str, list[str]]:
    """Return what changes in an exam so that an answered finding stays asked when its answer is cleared."""
    return {} if is_asked(exam, finding) else {"opened": [*exam.opened, finding]}


def open_finding(*, desk: Desk, exam: Exam, finding: str) -> Exam:
    """Open one finding of the catalogue in an own draft; one that is asked already stays as it is."""
    if finding not in asked_findings():
        raise Refused(UNKNOWN)
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        if finding not in sheet_of(draft).finding_ids:
            _open(desk, draft, [finding])
    return draft


def step_after(*, desk: Desk, exam: Exam, slug: str) -> Following:
    """Return where a shortest exam goes on after a step.

    That is the next step in the same position with an open answer. After the last one the engine's best test
    is opened, with the other tests it names for its position. Each round opens a finding that was not in the
    plan, so the rounds end: when the level is settled or no test is left, the impression follows.
    """
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        sheet = sheet_of(draft)
        following = _still_open(sheet, slug)
        if following is not None:
            return Following(slug=following.slug)
        chosen, why_ended = _next_round(sheet, slug)
        if not chosen:
            return Following(slug=IMPRESSION, told=why_ended)
        _open(desk, draft, chosen)
    labels = ", ".join(CATALOGUE[name].label for name in chosen)
    slug = next(step.slug for step in STEPS if set(step.finding_ids) & set(chosen))
    return Following(slug=slug, told=OPENED.format(tests=labels))


def _still_open(sheet: Sheet, slug: str) -> Step | None:
    """Return the step to finish before a round: a later one in this position, or the one that shows the drop.

    What was left blank elsewhere is not asked again and again: the check page lists it.
    """
    number, drop = sheet.number_of(slug), step_asking(DECIDING)
    here = sheet.steps[number - 1]
    asks_flags = not set(here.finding_ids).isdisjoint(red_flag_questions())
    after = [
        step
        for step in sheet.steps[number:]
        if step.position == here.position or (asks_flags and step.slug == drop.slug)
    ]
    return next((step for step in after if not set(step.places) <= sheet.stored.keys()), None)


def _next_round(sheet: Sheet, slug: str) -> tuple[Sequence[str], str]:
    """Return the findings to open next, all tested in one position; or none, and why."""
    exam = sheet.exam
    # What stands in the plan was asked: left open, it is not asked a second time.
    aside = sheet.finding_ids
    reading = localize_exam(exam, sheet.rows, position=sheet.position_at(slug), set_aside=aside)
    report = reading.report
    if report is None:
        return (), FAILED
    if report.settled or not report.next_tests:
        return (), _why_ended(exam, report)
    position = step_asking(report.next_tests[0].finding).position
    named = [test.finding for test in report.next_tests]
    return [name for name in named if step_asking(name).position == position], ""


def _why_ended(exam: Exam, report: Report) -> str:
    why = (report.stop_signal or NOTHING_LEFT) if may_show_ranking(exam) else ENDED
    return f"{why} {GO_ON}"


def _open(desk: Desk, draft: Exam, findings: Sequence[str]) -> None:
    """Add findings to the plan of a locked draft, with the event that says so."""
    draft.opened = [*draft.opened, *findings]
    draft.save(update_fields=["opened"])
    record(desk, "exam.opened", draft, values={"findings": list(findings)}, subject=draft.patient_id)
