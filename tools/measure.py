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
SECONDS = 3.5
SECONDS_A_TURN = 0.02


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


def alternating(
    ours: Callable[[], object], floor: Callable[[], object], seconds: float = SECONDS
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each call of both, in short turns for so many seconds.

    A machine's speed moves within a second by as much as a half: two turns in a row see the same machine,
    two long rounds, or the best of each, often do not. A turn is long enough for small work to be repeated.
    """
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while not times[0] or time.perf_counter() < end:
        times[0].extend(_turn(ours))
        times[1].extend(_turn(floor))
    return times


def _turn(work: Callable[[], object]) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + SECONDS_A_TURN
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
    """Time two pieces of work in short turns, and tell the median call of each."""
    ours()
    floor()
    times, least = alternating(ours, floor)
    return Figure(name, statistics.median(times), floor_name, statistics.median(least), aim)


def slowest(
    name: str,
    ours: Callable[[], object],
    floor_name: str,
    floor: Callable[[], object],
    aim: Aim = Aim(),
) -> Figure:
    """Do as `compare` with the time that 95 of 100 calls keep to."""
    ours()
    floor()
    p95 = (statistics.quantiles(times, n=20)[-1] for times in alternating(ours, floor))
    return Figure(name, next(p95), floor_name, next(p95), aim)


def compare_told(
    name: str, ours: Callable[[], float], floor_name: str, floor: Callable[[], float], aim: Aim = Aim()
) -> Figure:
    """Do as `compare` with pieces of work that tell their own milliseconds."""
    times, least = zip(*[(ours(), floor()) for _ in range(ROUNDS)], strict=True)
    return Figure(name, statistics.median(times), floor_name, statistics.median(least), aim)
