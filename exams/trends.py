"""A patient's graded muscles, forces and walking over the signed visits, in words and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exams.models import Exam, Observation, Patient
from exams.reading import SIDE_LABELS, in_one_line, shown
from exams.services.localizing import exam_date
from exams.steps import sides_of
from localization import CATALOGUE, Finding, measured, one_visit, smallest_change, told_change

# A drawing's inner width and height, in its own units; the template adds the frame around it.
WIDTH, HEIGHT = 200, 60
MASS = "body_mass_kg"
# What is followed over visits: every graded muscle, and what is measured at the bedside; timed walks beside.
FOLLOWED = frozenset({"strength", "measured"})
SPEED = "m/s"
# One visit is no course over time: it stands in its report.
FEWEST = 2
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One visit: its day, the value in words, and where it stands in the drawing; None when not a number."""

    day: date
    text: str
    number: float | None
    x: float
    y: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One finding on one side over the visits, and what changed between the last two with a number."""

    finding: Finding
    side: str
    unit: str
    points: tuple[Point, ...]
    change: str

    @property
    def line(self) -> str:
        """The drawing's line through the visits that have a number."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points if point.y is not None)

    @property
    def drawn(self) -> tuple[Point, ...]:
        """The visits that have a place in the drawing."""
        return tuple(point for point in self.points if point.y is not None)


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
    """Return every followed finding that two visits or more recorded, LEFT before RIGHT."""
    visits = _visits(patient)
    followed = (finding for finding in CATALOGUE.findings.values() if _is_followed(finding))
    return tuple(
        trend
        for finding in followed
        for side in sides_of(finding)
        if (trend := _trend(finding, side, visits)) is not None
    )


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


def _trend(finding: Finding, side: str, visits: Sequence[Visit]) -> Trend | None:
    told = [(visit, visit.rows[finding.id, side]) for visit in visits if (finding.id, side) in visit.rows]
    if sum(not row.not_tested for _, row in told) < FEWEST:
        return None
    points = tuple(_points(finding, told))
    with_number = [(point.number, point.text) for point in points if point.number is not None]
    change = told_change(finding.id, *with_number[-2:]) if len(with_number) > 1 else one_visit()
    return Trend(finding=finding, side=SIDE_LABELS[side], unit=_unit(finding), points=points, change=change)


def _points(finding: Finding, told: Sequence[tuple[Visit, Observation]]) -> Iterator[Point]:
    numbers = [_number(finding, visit, row) for visit, row in told]
    low, high = _range(finding, [number for number in numbers if number is not None])
    first, last = told[0][0].day, told[-1][0].day
    span = max((last - first).days, 1)
    for (visit, row), number in zip(told, numbers, strict=True):
        yield Point(
            day=visit.day,
            text=in_one_line(shown(finding, row.side, row)),
            number=number,
            x=WIDTH * (visit.day - first).days / span,
            y=None if number is None else HEIGHT * (high - number) / (high - low),
        )


def _number(finding: Finding, visit: Visit, row: Observation) -> float | None:
    """Return the visit's number; a value that something limited is shown in words but not drawn."""
    if row.not_tested or row.confounder or row.guard == Observation.Guard.NOT_HELD:
        return None
    return measured(finding.id, row.token, mass=visit.mass)


def _range(finding: Finding, numbers: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest number of the drawing: the whole scale of grades, or from zero."""
    ranks = [value.rank for value in finding.scale.values if value.rank is not None]
    found = ranks or [0.0, *numbers]
    return min(found), max(*found, min(found) + 1)


def _unit(finding: Finding) -> str:
    if finding.timed_metres:
        return SPEED
    known = smallest_change(finding.id)
    return known.unit if known else finding.scale.unit
