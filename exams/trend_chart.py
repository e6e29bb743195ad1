"""Draws a trend: one chart a finding, LEFT solid, RIGHT dashed, what was not tested as a gap with words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.formats import date_format

from exams.answer import offered_tokens
from exams.models import Exam, Patient
from exams.trends import Line, Point, Trend, trends_of

# The drawing's inner width and height, in its own units; the template adds the frame around it.
WIDTH, HEIGHT = 200.0, 70.0
# So many visits have room for their day and value; the table has all.
AT_MOST = 6
ABOVE, BELOW = -9.0, 17.0  # where a value stands from its point
CLEAR = 24.0  # so much room above its point a value needs to be read
GAP = 34.0  # where the words of a gap begin, one below the other


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the drawing and where it stands."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLine:
    """One leg: the unbroken stretches between visits with a number, and the points on them."""

    style: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A trend as it is drawn: days below, the scale at the left, values at the points, words in the gaps."""

    trend: Trend
    days: tuple[Word, ...]
    rungs: tuple[Word, ...]
    lines: tuple[DrawnLine, ...]
    values: tuple[Word, ...]
    gaps: tuple[Word, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A patient's charts, the days of the visits behind them, and what fell between the last two."""

    visits: tuple[date, ...]
    charts: tuple[Chart, ...]
    falls: tuple[tuple[Trend, Line], ...]


def course_of(patient: Patient) -> Course | None:
    """Return how a patient's strength and walking went over the visits, or None before there are two."""
    trends = trends_of(patient)
    if not trends:
        return None
    return Course(
        visits=tuple(point.day for point in trends[0].lines[0].points),
        charts=tuple(chart_of(trend) for trend in trends),
        falls=tuple((trend, line) for trend in trends for line in trend.lines if line.fall),
    )


def chart_of(trend: Trend) -> Chart:
    """Return the drawing of the latest visits of a trend."""
    visits = len(trend.lines[0].points)
    scale = _Scale(trend)
    told = [line for line in trend.lines if line.affected] or list(trend.lines)
    return Chart(
        trend=trend,
        days=tuple(_days(scale.spots(trend.lines[0]))),
        rungs=scale.rungs,
        lines=tuple(_drawn(line, scale) for line in trend.lines),
        values=tuple(word for line in told for word in _values(line, trend, scale)),
        gaps=tuple(_gaps(told, scale)),
        left_out=max(0, visits - AT_MOST),
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    """A visit of a leg and where it stands; `y` is None where it has no number."""

    x: float
    y: float | None
    point: Point


class _Scale:
    """Where a visit and a value stand: visits evenly, grades evenly in their order, numbers from zero."""

    def __init__(self, trend: Trend) -> None:
        self.finding = trend.finding
        numbers = [one.number for line in trend.lines for one in line.points if one.number is not None]
        offered = offered_tokens(trend.finding)
        known = {value.rank: value.token in offered for value in trend.finding.scale.values}
        self.ranks = sorted(rank for rank in known if rank is not None and (known[rank] or rank in numbers))
        self.low, self.high = min([0.0, *numbers]), max([0.0, *numbers]) or 1.0

    def y(self, number: float) -> float:
        """Return the height of a number, from the upper edge down."""
        if self.ranks:
            return HEIGHT * (1 - self.ranks.index(number) / (len(self.ranks) - 1))
        return HEIGHT * (self.high - number) / (self.high - self.low)

    def label(self, number: float) -> str:
        """Return a number as it stands in the drawing: a grade's own word, or two decimals at most."""
        for value in self.finding.scale.values:
            if value.rank == number:
                return value.label
        return f"{number:.2f}".rstrip("0").rstrip(".")

    @property
    def rungs(self) -> tuple[Word, ...]:
        """The ends of the scale, and its middle grade."""
        told = [self.ranks[0], self.ranks[(len(self.ranks) - 1) // 2], self.ranks[-1]] if self.ranks else []
        return tuple(Word(0, self.y(one), self.label(one)) for one in told or [self.low, self.high])

    def spots(self, line: Line) -> list[_Spot]:
        """Return the latest visits of a leg, each where it stands."""
        points = line.points[-AT_MOST:]
        step = WIDTH / max(len(points) - 1, 1)
        heights = [None if one.number is None else self.y(one.number) for one in points]
        return [_Spot(step * place, heights[place], point) for place, point in enumerate(points)]


def _days(spots: Sequence[_Spot]) -> Iterator[Word]:
    """Yield the days below the drawing, with the year where they are of several."""
    form = "j M" if len({spot.point.day.year for spot in spots}) == 1 else "j M y"
    for spot in spots:
        yield Word(spot.x, HEIGHT + 16, date_format(spot.point.day, form))


def _drawn(line: Line, scale: _Scale) -> DrawnLine:
    stretches = groupby(scale.spots(line), key=lambda spot: spot.y is None)
    runs = [[(spot.x, spot.y or 0.0) for spot in stretch] for is_gap, stretch in stretches if not is_gap]
    return DrawnLine(
        style="r" if line.side == Exam.Side.RIGHT else "l",
        runs=tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1),
        dots=tuple(dot for run in runs for dot in run),
    )


def _values(line: Line, trend: Trend, scale: _Scale) -> Iterator[Word]:
    """Yield the values of a leg: above its points, or below where the edge or the other leg is in the way."""
    beside = [scale.spots(other) for other in trend.lines]
    for place, spot in enumerate(scale.spots(line)):
        if spot.y is None or spot.point.number is None:
            continue
        others = [spots[place].y for spots in beside]
        in_way = any(other is not None and 0 < spot.y - other < CLEAR for other in others)
        below = in_way or spot.y < CLEAR / 2
        yield Word(spot.x, spot.y + (BELOW if below else ABOVE), scale.label(spot.point.number))


def _gaps(told: Sequence[Line], scale: _Scale) -> Iterator[Word]:
    """Yield why a visit has no value, for the legs whose values are told; one alone is named."""
    for spots in zip(*(scale.spots(line) for line in told), strict=True):
        why = {spot.point.gap for spot in spots}
        if len(why) == 1:
            yield from (Word(spots[0].x, GAP, word) for word in why if word)
            continue
        line, spot = next(one for one in zip(told, spots, strict=True) if one[1].point.gap)
        yield Word(spot.x, GAP, f"{line.side.upper()} {spot.point.gap}")
