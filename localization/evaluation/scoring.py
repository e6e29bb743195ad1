"""How often the answer was right on published patients, with intervals, beside the prior alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localization.casefile import Case
from localization.findings import Findings
from localization.posterior import posterior
from localization.redflags import red_flags
from localization.sites import band_of, bands, sites

Array: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]

SEED, RESAMPLES, BINS = 20261122, 2000, 5
LOWER, UPPER = 2.5, 97.5
DANGEROUS = frozenset({"brain", "spinal_cord", "cauda_equina"})
FIGURES = ("top_1", "top_2", "level_top_1", "log_loss", "brier", "calibration_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One case with the probabilities it was given."""

    case: Case
    chances: Mapping[str, float]

    @property
    def order(self) -> list[str]:
        """The sites, most probable first."""
        return sorted(self.chances, key=lambda site: -self.chances[site])

    @property
    def accepted(self) -> float:
        """The probability of the accepted sites together."""
        return sum(self.chances[site] for site in self.case.accepted)

    @property
    def confidence(self) -> float:
        """The probability of the first site."""
        return self.chances[self.order[0]]

    def right(self, places: int) -> bool:
        """Return whether an accepted site is among the first `places`."""
        return any(site in self.case.accepted for site in self.order[:places])

    @property
    def level_right(self) -> bool:
        """Whether the first site lies in the level group of an accepted site."""
        return sites()[self.order[0]].group in {sites()[site].group for site in self.case.accepted}

    @property
    def brier(self) -> float:
        """The squared error, the accepted sites taken together as one class."""
        others = (self.chances[site] for site in self.chances if site not in self.case.accepted)
        return (1.0 - self.accepted) ** 2 + sum(chance**2 for chance in others)


def score(case: Case, setting: str) -> Scored:
    """Return the case with the engine's posterior."""
    return Scored(case=case, chances=posterior(case.findings, setting))


def score_by_prior(case: Case, setting: str) -> Scored:
    """Return the case with the prior alone, as if nothing had been examined."""
    return Scored(case=case, chances=posterior(Findings.build(), setting))


def evaluate(cases: Sequence[Case], setting: str) -> dict[str, Any]:
    """Return all figures as plain data: counted over the strict cases, the weak ones only listed."""
    scored = [score(case, setting) for case in cases]
    counted = [item for item in scored if item.case.strict]
    prior = [score_by_prior(item.case, setting) for item in counted]
    return {
        "n": len(counted),
        "setting": setting,
        **_figures(counted),
        "top_1_by_level_group": _by_group(counted),
        "bands": _by_band(counted),
        "red_flags": _red_flags(counted),
        "prior": _figures(prior),
        "difference_from_prior": _difference(counted, prior),
        "missed": [_missed(item) for item in counted if not item.right(1)],
        "not_counted": [_missed(item) | {"right": item.right(1)} for item in scored if not item.case.strict],
    }


def _figures(scored: Sequence[Scored]) -> dict[str, Any]:
    if not scored:
        return dict.fromkeys(FIGURES)
    per_case: dict[str, Array] = {
        "top_1": np.array([float(item.right(1)) for item in scored]),
        "top_2": np.array([float(item.right(2)) for item in scored]),
        "level_top_1": np.array([float(item.level_right) for item in scored]),
        "log_loss": np.array([-np.log(item.accepted) for item in scored]),
        "brier": np.array([item.brier for item in scored]),
    }
    found: dict[str, Any] = {name: _mean(values).to_json() for name, values in per_case.items()}
    sure = np.array([item.confidence for item in scored])
    found["calibration_error"] = _estimate(
        len(scored), lambda rows: _calibration_error(sure[rows], per_case["top_1"][rows])
    ).to_json()
    return found


def _calibration_error(sure: Array, right: Array) -> Array:
    """Return the mean gap between confidence and success over equal bins; resamples are rows."""
    place = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    gaps = np.zeros(sure.shape[:-1])
    for number in range(BINS):
        inside = (place == number).astype(np.float64)
        gaps += np.abs((inside * (sure - right)).sum(axis=-1))
    error: Array = gaps / sure.shape[-1]
    return error


def _mean(values: Array) -> Estimate:
    return _estimate(len(values), lambda rows: values[rows].mean(axis=-1))


def _estimate(count: int, figure: Callable[[Rows], Array]) -> Estimate:
    """Return a figure of `count` cases with its seeded bootstrap interval."""
    drawn = np.random.default_rng(SEED).integers(0, count, size=(RESAMPLES, count))
    low, high = np.percentile(figure(drawn), [LOWER, UPPER])
    return Estimate(value=float(figure(np.arange(count))), low=float(low), high=float(high))


def _difference(scored: Sequence[Scored], other: Sequence[Scored]) -> dict[str, Any]:
    """Return paired differences, engine minus prior: below zero the engine is better."""
    if not scored:
        return {"log_loss": None, "brier": None}
    pairs = list(zip(scored, other, strict=True))
    losses = np.array([np.log(theirs.accepted) - np.log(ours.accepted) for ours, theirs in pairs])
    squares = np.array([ours.brier - theirs.brier for ours, theirs in pairs])
    return {"log_loss": _mean(losses).to_json(), "brier": _mean(squares).to_json()}


def _by_group(scored: Sequence[Scored]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for group in dict.fromkeys(site.group for site in sites().values()):
        of_group = [item for item in scored if sites()[item.case.site].group == group]
        if of_group:
            right = np.array([float(item.right(1)) for item in of_group])
            found[group] = {"n": len(of_group), **_mean(right).to_json()}
    return found


def _by_band(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return for each band how many first sites earned it, and how many of them were right."""
    found: dict[str, Any] = {band.id: {"n": 0, "right": 0} for band in bands()[:-1]}
    for item in scored:
        band = found.get(band_of(item.confidence).id)
        if band is not None:
            band["n"] += 1
            band["right"] += int(item.right(1))
    return found


def _red_flags(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return in how many cases flags fire: where brain, cord or cauda equina is the answer, and elsewhere."""
    found: dict[str, Any] = {}
    for name, dangerous in (("dangerous", True), ("others", False)):
        urgencies = [
            {flag.urgency for flag in red_flags(item.case.findings)}
            for item in scored
            if (not DANGEROUS.isdisjoint(item.case.accepted)) == dangerous
        ]
        found[name] = {
            "n": len(urgencies),
            "any": sum(bool(fired) for fired in urgencies),
            "emergency": sum("emergency" in fired for fired in urgencies),
        }
    return found


def _missed(item: Scored) -> dict[str, Any]:
    return {
        "id": item.case.name,
        "site": item.case.site,
        "also": list(item.case.also),
        "first": item.order[0],
        "second": item.order[1],
        "accepted_probability": item.accepted,
    }
