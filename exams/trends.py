"""A patient's graded muscles, forces and walking over the signed visits, each leg in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exams.models import Exam, Observation, Patient
from exams.reading import SIDE_LABELS, in_one_line, shown
from exams.services.localizing import exam_date
from exams.steps import sides_of
from localization import CATALOGUE, Finding, fell, measured, one_visit, smallest_change, told_change

MASS = "body_mass_kg"
# What is followed over visits: every graded muscle, and what is measured at the bedside; timed walks beside.
FOLLOWED = frozenset({"strength", "measured"})
SPEED = "m/s"
# One visit is no course over time: it stands in its report.
FEWEST = 2
NOT_RECORDED, NOT_TESTED, NOT_COUNTED = "not recorded", "not tested", "not counted"
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One visit: its day, the value in words, its number, and why it has none (empty when it has one)."""

    day: date
    text: str
    number: float | None
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One leg of a finding over all visits, or the finding itself where it has no side.

    `change` tells the last two visits with a number apart in a sentence; `fall` are these two visits where it
    fell by more than repeating the test makes by itself.
    """

    side: str
    side_label: str
    affected: bool
    points: tuple[Point, ...]
    change: str
    fall: tuple[Point, Point] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One finding over the visits, LEFT before RIGHT; every line has a point for every visit."""

    finding: Finding
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed exam with its answers."""

    exam: Exam
    day: date
    rows: Mapping[Place, Observation]

    @property
    def mass(self) -> float | None:
        """The body mass recorded on that day, in kilograms."""
        row = self.rows.get((MASS, ""))
        return float(row.token) if row and not row.not_tested else None


def trends_of(patient: Patient) -> tuple[Trend, ...]:
    """Return every followed finding that two visits or more recorded on a leg."""
    visits = _visits(patient)
    followed = (finding for finding in CATALOGUE.findings.values() if _is_followed(finding))
    return tuple(trend for finding in followed if (trend := _trend(finding, visits)).lines)


def _is_followed(finding: Finding) -> bool:
    return (finding.group in FOLLOWED and finding.id != MASS) or finding.timed_metres is not None


def _visits(patient: Patient) -> tuple[Visit, ...]:
    """Return the signed exams that stand, the first one first; a superseded version is not a visit."""
    exams = Exam.objects.of(patient.clinic).signed().of_record(patient.pk)
    found = exams.select_related("clinic").prefetch_related("observations").order_by("started", "version")
    return tuple(
        Visit(exam, exam_date(exam), {(row.finding, row.side): row for row in exam.observations.all()})
        for exam in found
    )


def _trend(finding: Finding, visits: Sequence[Visit]) -> Trend:
    lines = (_line(finding, side, visits) for side in sides_of(finding))
    return Trend(finding=finding, unit=_unit(finding), lines=tuple(line for line in lines if line))


def _line(finding: Finding, side: str, visits: Sequence[Visit]) -> Line | None:
    points = tuple(_points(finding, side, visits))
    if sum(point.gap not in {NOT_RECORDED, NOT_TESTED} for point in points) < FEWEST:
        return None
    last = [point for point in points if point.number is not None][-2:]
    numbers = [(point.number, point.text) for point in last if point.number is not None]
    return Line(
        side=side,
        side_label=SIDE_LABELS[side],
        affected=visits[-1].exam.affected_side in {side, Exam.Side.BILATERAL} or not side,
        points=points,
        change=told_change(finding.id, *numbers) if len(numbers) == FEWEST else one_visit(),
        fall=(last[0], last[1]) if len(numbers) == FEWEST and fell(finding.id, *numbers) else None,
    )


def _points(finding: Finding, side: str, visits: Sequence[Visit]) -> Iterator[Point]:
    for visit in visits:
        row = visit.rows.get((finding.id, side))
        number = _number(finding, visit, row) if row else None
        yield Point(
            day=visit.day,
            text=in_one_line(shown(finding, side, row)),
            number=number,
            gap="" if number is not None else _gap(row),
        )


def _number(finding: Finding, visit: Visit, row: Observation) -> float | None:
    """Return the visit's number; a value that something limited is shown in words but not drawn."""
    if row.not_tested or row.confounder or row.guard == Observation.Guard.NOT_HELD:
        return None
    return measured(finding.id, row.token, mass=visit.mass)


def _gap(row: Observation | None) -> str:
    """Return why a visit has no number."""
    if row is None:
        return NOT_RECORDED
    return NOT_TESTED if row.not_tested else NOT_COUNTED


def _unit(finding: Finding) -> str:
    if finding.timed_metres:
        return SPEED
    known = smallest_change(finding.id)
    return known.unit if known else finding.scale.unit
