"""How often a method was right over scored cases, how sure it was, and by how much one beats another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from localization.evaluation.intervals import Array, estimate, mean
from localization.evaluation.scored import Scored
from localization.sites import band_of, bands, sites

BINS = 5
FIGURES = ("top_1", "top_2", "level_top_1", "log_loss", "brier", "calibration_error")


def performance(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return every figure with its interval, None for each where there is no case."""
    if not scored:
        return dict.fromkeys(FIGURES)
    per_case: dict[str, Array] = {
        "top_1": np.array([float(item.right(1)) for item in scored]),
        "top_2": np.array([float(item.right(2)) for item in scored]),
        "level_top_1": np.array([float(item.level_right) for item in scored]),
        "log_loss": np.array([-np.log(item.accepted) for item in scored]),
        "brier": np.array([item.brier for item in scored]),
    }
    found: dict[str, Any] = {name: mean(values).to_json() for name, values in per_case.items()}
    sure = np.array([item.confidence for item in scored])
    found["calibration_error"] = estimate(
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


def difference(scored: Sequence[Scored], other: Sequence[Scored]) -> dict[str, Any]:
    """Return paired differences of the same cases, `scored` minus `other`: below zero `scored` is better."""
    if not scored:
        return {"log_loss": None, "brier": None}
    pairs = list(zip(scored, other, strict=True))
    losses = np.array([np.log(theirs.accepted) - np.log(ours.accepted) for ours, theirs in pairs])
    squares = np.array([ours.brier - theirs.brier for ours, theirs in pairs])
    return {"log_loss": mean(losses).to_json(), "brier": mean(squares).to_json()}


def when_sure(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return how many first sites reached the strongest band, and how many of them were right."""
    strongest = bands()[0].minimum
    sure = [item for item in scored if item.confidence >= strongest]
    return {"at_least": strongest, "n": len(sure), "right": sum(item.right(1) for item in sure)}


def by_band(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return for each band how many first sites earned it, and how many of them were right."""
    found: dict[str, Any] = {band.id: {"n": 0, "right": 0} for band in bands()[:-1]}
    for item in scored:
        band = found.get(band_of(item.confidence).id)
        if band is not None:
            band["n"] += 1
            band["right"] += int(item.right(1))
    return found


def by_group(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return how often the first site was right, by the level group of the answer."""
    found: dict[str, Any] = {}
    for group in dict.fromkeys(site.group for site in sites().values()):
        of_group = [item for item in scored if sites()[item.case.site].group == group]
        if of_group:
            right = np.array([float(item.right(1)) for item in of_group])
            found[group] = {"n": len(of_group), **mean(right).to_json()}
    return found
