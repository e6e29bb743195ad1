"""Figures over cases with their 95 % bootstrap intervals; the same cases always give the same interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]

SEED, RESAMPLES = 20261122, 2000
LOWER, UPPER = 2.5, 97.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


def mean(values: Array) -> Estimate:
    """Return the mean of one value per case."""
    return estimate(len(values), lambda rows: values[rows].mean(axis=-1))


def estimate(count: int, figure: Callable[[Rows], Array]) -> Estimate:
    """Return a figure of `count` cases; `figure` takes case numbers, resamples as rows."""
    drawn = np.random.default_rng(SEED).integers(0, count, size=(RESAMPLES, count))
    low, high = np.percentile(figure(drawn), [LOWER, UPPER])
    return Estimate(value=float(figure(np.arange(count))), low=float(low), high=float(high))
