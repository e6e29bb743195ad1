"""Builds what stands around every page of an exam: rail, progress, red-flag bar and live panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.http import QueryDict
from django.urls import reverse

from clinics.desk import Desk
from exams.flag_bar import FlagBar, flag_bar
from exams.models import Exam, Observation, Patient
from exams.rows import prefix_of
from exams.services.exams import impression_of, may_show_ranking
from exams.services.localizing import Localization, exam_age, localize_exam, pathways_of, without_value
from exams.sheet import Place, Sheet, is_unfinished
from exams.steps import CHECK, FINISH, IMPRESSION, Step, sides_of, step_asking
from localization import (
    CATALOGUE,
    Finding,
    NextTest,
    Pathway,
    Report,
)

RailState = Literal["done", "current", "open"]
GROUP_LABELS: Mapping[str, str] = {"interview": "Before you start", FINISH: "Finish"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RailStep:
    """One step in the rail; `done` of `total` counts its answers, each side by itself."""

    slug: str
    title: str
    url: str
    done: int
    total: int
    is_current: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing of this step is open."""
        return self.done == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class RailGroup:
    """The steps of one position of the patient; `done` of `total` counts steps."""

    id: str
    label: str
    steps: tuple[RailStep, ...]

    @property
    def done(self) -> int:
        """How many of the steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @property
    def state(self) -> RailState:
        """Whether the examiner is here, or everything here is done, or not."""
        if any(step.is_current for step in self.steps):
            return "current"
        return "done" if self.done == self.total else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many answers the exam holds, and how many of those it asks for are still open."""

    recorded: int
    not_tested: int
    open: int

    @property
    def seen(self) -> int:
        """How many answers there are, values and “Not tested” together."""
        return self.recorded + self.not_tested

    @property
    def total(self) -> int:
        """How many answers there will be when nothing is open."""
        return self.seen + self.open


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What stands beside the step. Without `shows_ranking` there is no report in it to show.

    `changes` are the sentences on what would change the leading level. A settled report has no next test.
    `next_url` is empty for a next test that is not in the plan: it is opened first.
    """

    shows_ranking: bool
    failed: bool
    report: Report | None
    changes: tuple[str, ...]
    pathways: tuple[Pathway, ...]
    next_here: NextTest | None
    next_finding: Finding | None
    next_url: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamFrame:
    """Everything around a page of an exam."""

    exam: Exam
    patient: Patient
    age: int
    rail: tuple[RailGroup, ...]
    progress: Progress
    flags: FlagBar
    panel: Panel
    saved_at: datetime
    editable: bool
    is_demo: bool
    number: int
    count: int


def frame_of(desk: Desk, sheet: Sheet, current: str, *, said: QueryDict | None = None) -> ExamFrame:
    """Return the frame of an exam's page; `current` is the slug of the step it shows.

    `said` is what was sent about its red flags, to be shown again.
    """
    exam = sheet.exam
    reading = localize_exam(
        exam, sheet.rows, position=sheet.position_at(current), set_aside=without_value(sheet.rows)
    )
    return ExamFrame(
        exam=exam,
        patient=exam.patient,
        age=exam_age(exam),
        rail=_rail(sheet, current),
        progress=_progress(sheet),
        flags=flag_bar(sheet, reading, said),
        panel=_panel(sheet, reading),
        saved_at=exam.saved,
        editable=exam.is_draft and exam.examiner_id == desk.user.pk,
        is_demo=exam.clinic.is_demo,
        number=sheet.number_of(current),
        count=len(sheet.steps),
    )


def step_url(exam: Exam, slug: str) -> str:
    """Return the address of a step of an exam."""
    if slug in {IMPRESSION, CHECK}:
        return reverse(f"exams:{slug}", args=[exam.pk])
    return reverse("exams:step", args=[exam.pk, slug])


def way_back(sheet: Sheet, slug: str) -> str:
    """Return the step that a page named as its own, or where the exam resumes."""
    exam = sheet.exam
    return step_url(exam, slug) if sheet.number_of(slug) else reverse("exams:exam", args=[exam.pk])


def finding_url(sheet: Sheet, finding: str, *, side: str = "", query: str = "") -> str:
    """Return where a finding of the plan is answered."""
    step = step_asking(finding)
    place = prefix_of(finding, side or sides_of(CATALOGUE[finding])[0]).replace(".", "-")
    return f"{step_url(sheet.exam, step.slug)}{'?' if query else ''}{query}#{place}"


def _rail(sheet: Sheet, current: str) -> tuple[RailGroup, ...]:
    groups: dict[str, list[RailStep]] = {}
    for step in sheet.steps:
        groups.setdefault(step.position, []).append(_rail_step(sheet, step, current))
    return tuple(
        RailGroup(id=position, label=_group_label(position), steps=tuple(steps))
        for position, steps in groups.items()
    )


def _group_label(position: str) -> str:
    return GROUP_LABELS.get(position) or CATALOGUE.position(position).label


def _rail_step(sheet: Sheet, step: Step, current: str) -> RailStep:
    done, total = _counts(sheet, step)
    return RailStep(
        slug=step.slug,
        title=step.title,
        url=step_url(sheet.exam, step.slug),
        done=done,
        total=total,
        is_current=step.slug == current,
    )


def _counts(sheet: Sheet, step: Step) -> tuple[int, int]:
    if step.slug == IMPRESSION:
        return int(impression_of(sheet.exam) is not None), 1
    if step.slug == CHECK:
        return int(not sheet.exam.is_draft), 1
    return sum(place in sheet.stored for place in step.places), len(step.places)


def _progress(sheet: Sheet) -> Progress:
    finished = [row for row in sheet.rows if not is_unfinished(row)]
    not_tested = sum(row.not_tested for row in finished)
    return Progress(recorded=len(finished) - not_tested, not_tested=not_tested, open=sheet.open_count)


def _panel(sheet: Sheet, reading: Localization) -> Panel:
    exam = sheet.exam
    shows = may_show_ranking(exam)
    report = reading.report if shows else None
    # While the ranking is hidden, so is that it is settled: a test is then named all along.
    settled = report is not None and report.settled
    test = None if settled else _next_test(sheet.stored, reading.report)
    if test is not None and not shows:
        # Why a test comes next names the levels it separates: that is the ranking in other words.
        test = replace(test, why="")
    return Panel(
        shows_ranking=shows,
        failed=reading.failed,
        report=report,
        changes=report.changes if report else (),
        pathways=pathways_of(exam, sheet.rows, report),
        next_here=test,
        next_finding=CATALOGUE[test.finding] if test else None,
        next_url=finding_url(sheet, test.finding) if test and test.finding in sheet.finding_ids else "",
        revision=exam.revision,
    )


def _next_test(stored: Mapping[Place, Observation], report: Report | None) -> NextTest | None:
    """Return the best test that has no answer yet, as the engine orders them for the patient's position."""
    answered = {finding for finding, _ in stored}
    tests = () if report is None else report.next_tests
    return next((test for test in tests if test.finding not in answered), None)
