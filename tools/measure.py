"""Times two pieces of work in turn, so that one can be told as a ratio to the other.

Milliseconds move with the machine, ratios hardly: a change is judged by the ratio.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 7
SECONDS_A_ROUND = 0.25


@dataclass(frozen=True)
class Aim:
    """What a figure shall not exceed: milliseconds, a share of its floor, or both."""

    milliseconds: float = math.inf
    ratio: float = math.inf

    def verdict(self, figure: Figure) -> str:
        """Return each limit with whether the figure holds it."""
        limits = (
            (f"{self.milliseconds:g} ms", figure.ours, self.milliseconds),
            (f"{self.ratio:g} times", figure.ratio, self.ratio),
        )
        return ", ".join(
            f"at most {limit}: {'holds' if value <= most else 'MISSED'}"
            for limit, value, most in limits
            if math.isfinite(most)
        )


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its floor, both in milliseconds for one time."""

    name: str
    ours: float
    floor_name: str
    floor: float
    aim: Aim = Aim()

    @property
    def ratio(self) -> float:
        """How many times the floor ours takes."""
        return self.ours / self.floor

    def __str__(self) -> str:
        floor = f"{self.floor_name} ({self.floor:.3f} ms)"
        digits = 1 if self.ratio >= 1.0 else 2
        verdict = self.aim.verdict(self)
        line = f"{self.name:<34} {self.ours:9.3f} ms   {self.ratio:7.{digits}f} times {floor}"
        return f"{line}; {verdict}" if verdict else line


def milliseconds(work: Callable[[], object], seconds: float = SECONDS_A_ROUND) -> float:
    """Return the median time of one call, over as many calls as fit into the round."""
    return statistics.median(_times(work, seconds))


def _times(work: Callable[[], object], seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return times


def compare(
    name: str,
    ours: Callable[[], object],
    floor_name: str,
    floor: Callable[[], object],
    aim: Aim = Aim(),
) -> Figure:
    """Time two pieces of work in turn and keep the best round of each: noise only ever adds."""
    ours()
    floor()
    return compare_told(name, lambda: milliseconds(ours), floor_name, lambda: milliseconds(floor), aim)


def slowest(
    name: str,
    ours: Callable[[], object],
    floor_name: str,
    floor: Callable[[], object],
    aim: Aim = Aim(),
) -> Figure:
    """Do as `compare` with the time that 95 of 100 calls keep to, over all rounds together: noise counts."""
    ours()
    floor()
    rounds = [(_times(ours, SECONDS_A_ROUND), _times(floor, SECONDS_A_ROUND)) for _ in range(ROUNDS)]
    all_ours = [time for one, _ in rounds for time in one]
    all_floor = [time for _, one in rounds for time in one]
    p95 = (statistics.quantiles(times, n=20)[-1] for times in (all_ours, all_floor))
    return Figure(name, next(p95), floor_name, next(p95), aim)


def compare_told(
    name: str, ours: Callable[[], float], floor_name: str, floor: Callable[[], float], aim: Aim = Aim()
) -> Figure:
    """Do as `compare` with pieces of work that tell their own milliseconds."""
    rounds = [(ours(), floor()) for _ in range(ROUNDS)]
    return Figure(name, min(one for one, _ in rounds), floor_name, min(two for _, two in rounds), aim)
