"""The hidden state of a patient: every combination that the engine sums over, with its probability.

The axes are: lesion (pattern × root supply × severity), other leg, neuropathy beside the lesion,
feeling involved, pain, hip abductors weak for a reason of their own. A table of likelihoods has
length one along each axis that it does not depend on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from localization.anatomy import Loss, Pattern, loss_of, patterns, supplies
from localization.knowledge import read
from localization.sites import sites
from localization.tables import by_key

Array: TypeAlias = NDArray[np.float64]

LESION, CONTRA, BACKGROUND, SKIN, PAIN, HIP = range(6)
AXES = 6
INNER = tuple(range(1, AXES))
OTHER_LEG = ("unaffected", "mild", "same")
DECIDING = "ankle_dorsiflexion"


def along(axis: int, values: list[float]) -> Array:
    """Return figures as a table that depends on one axis only."""
    shape = [1] * AXES
    shape[axis] = len(values)
    return np.array(values, dtype=np.float64).reshape(shape)


def per_lesion_along(axis: int, rows: Array) -> Array:
    """Return one row of figures per lesion as a table over the lesion axis and one other."""
    shape = [1] * AXES
    shape[LESION], shape[axis] = rows.shape
    return rows.reshape(shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One lesion: a pattern in a person with one root supply, of one severity."""

    pattern: Pattern
    supply: str
    severity: str
    loss: Loss
    depth: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """All hidden states: `prior` holds P(state | site, foot drop) on all axes, summing to 1 per site.

    It is the product of `lesion_prior`, P(lesion | site, foot drop), and of the `chances` on each inner axis,
    P(value | lesion): given the lesion, these do not depend on each other.
    """

    lesions: tuple[Lesion, ...]
    site_starts: NDArray[np.intp]
    pattern_starts: NDArray[np.intp]
    depth: Array
    lesion_prior: Array
    chances: Mapping[int, Array]
    prior: Array

    def per_lesion(self, values: list[float]) -> Array:
        """Return one figure per lesion as a table over the lesion axis."""
        return along(LESION, values)


@cache
def states() -> States:
    """Return the enumeration, built once from the knowledge."""
    lesions = tuple(lesion for pattern in patterns() for lesion in _lesions(pattern))
    of_site = [lesion.pattern.site for lesion in lesions]
    of_pattern = [lesion.pattern.key for lesion in lesions]
    lesion_prior = np.array([lesion.probability for lesion in lesions])
    starts = np.array([of_site.index(site) for site in sites()], dtype=np.intp)
    totals = np.add.reduceat(lesion_prior, starts)
    lesion_prior /= np.repeat(totals, np.diff([*starts, len(lesions)]))
    chances = _circumstances(lesions)
    return States(
        lesions=lesions,
        site_starts=starts,
        pattern_starts=np.array([of_pattern.index(pattern.key) for pattern in patterns()], dtype=np.intp),
        depth=along(LESION, [lesion.depth for lesion in lesions]),
        lesion_prior=along(LESION, lesion_prior.tolist()),
        chances=chances,
        prior=along(LESION, lesion_prior.tolist()) * math.prod(chances.values()),
    )


def _lesions(pattern: Pattern) -> list[Lesion]:
    """Return the lesions of one pattern, weighted by how readily each shows as a foot drop."""
    found = []
    for supply in supplies(pattern):
        loss = loss_of(pattern, supply)
        chance = read("anatomy")["supply"][supply]["probability"] if len(supplies(pattern)) > 1 else 1.0
        for severity, figures in read("instrument")["severity"].items():
            shows = 1.0
            if "foot_drop" not in pattern.table:
                shows = float(1.0 - grade_cells(np.array(loss.actions[DECIDING] * figures["loss"]))[-1])
            found.append(
                Lesion(
                    pattern=pattern,
                    supply=supply,
                    severity=severity,
                    loss=loss,
                    depth=figures["loss"],
                    probability=pattern.weight * chance * figures["probability"] * shows,
                )
            )
    return found


def _circumstances(lesions: tuple[Lesion, ...]) -> Mapping[int, Array]:
    """Return P(other leg), of a neuropathy, of feeling, of pain and of the hip, given the lesion, by axis."""
    contra = np.array([lesion.pattern.table["contra"] for lesion in lesions])
    background = read("instrument")["background"]["probability"]
    hip = read("instrument")["hip"]["probability"]
    skin = np.array([_feeling_chance(lesion) for lesion in lesions])
    pain = pain_chance(lesions)
    return {
        CONTRA: per_lesion_along(CONTRA, contra / contra.sum(axis=1, keepdims=True)),
        BACKGROUND: along(BACKGROUND, [1.0 - background, background]),
        SKIN: per_lesion_along(SKIN, np.stack([1.0 - skin, skin], axis=1)),
        PAIN: per_lesion_along(PAIN, np.stack([1.0 - pain, pain], axis=1)),
        HIP: along(HIP, [1.0 - hip, hip]),
    }


def _feeling_chance(lesion: Lesion) -> float:
    """Return P(feeling is involved | lesion): a nerve that lost all its strength seldom keeps its feeling.

    Over the severities of a pattern the chance stays what patterns.toml says.
    """
    spared = 1.0 - float(lesion.pattern.table["sensory"])
    if not lesion.pattern.table.get("lower", False):
        return 1.0 - spared
    severities = read("instrument")["severity"].values()
    kept = sum(figures["probability"] * (1.0 - figures["loss"]) for figures in severities)
    return float(1.0 - min(1.0, spared * (1.0 - lesion.depth) / kept))


def pain_chance(lesions: tuple[Lesion, ...]) -> Array:
    """Return P(pain with this episode | lesion), from how often the answer "no pain at all" is given."""
    figures = read("instrument")["pain"]
    painless = np.array([by_key("painless")[lesion.pattern.key] for lesion in lesions])
    without, with_ = figures["painless_without"], figures["painless_with"]
    chance: Array = np.clip(
        (without - painless) / (without - with_), figures["floor"], 1.0 - figures["floor"]
    )
    return chance


def grade_cells(loss: Array) -> Array:
    """Return P(grade 0 … 5 | share of strength lost), the grades on the last axis."""
    figures = read("instrument")["grades"]
    mean = figures["ceiling"] * (1.0 - np.asarray(loss)[..., np.newaxis])
    steps = np.array(figures["steps"])
    below = 1.0 / (1.0 + np.exp(-(steps - mean) / figures["spread"]))
    edges = np.concatenate([np.zeros_like(mean), below, np.ones_like(mean)], axis=-1)
    return np.diff(edges, axis=-1)
