"""P(what is found | hidden state) for every finding that weighs, as tables over the hidden states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from localization import circumstances, strength, surface
from localization.catalogue import Value, catalogue
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.states import Array

GRADED = "action."
MEASURED = "hip_abduction_force_n"
WITHIN_ERROR = 0  # the first of the three differences of force: no clear one
Maker = Callable[[str, Leg | None], tuple[tuple[str, ...], Array]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """P(each of `values` | hidden state) on the last axis, for a typical and for an atypical patient."""

    values: tuple[str, ...]
    typical: Array
    atypical: Array


@cache
def rule_of(finding: str) -> str:
    """Return the knowledge entry that predicts a finding, empty when the finding does not weigh."""
    for file, kinds in _RULES.items():
        for kind in kinds:
            if finding in _names(file, kind):
                return f"{kind}.{finding}"
    return _SINGLE.get(finding, "")


def weighs(finding: str) -> bool:
    """Return whether one value of this finding weighs by itself; measured force needs both legs."""
    return bool(rule_of(finding)) and finding != MEASURED


@cache
def likelihood(finding: str, leg: Leg | None) -> Likelihood:
    """Return the likelihood of a finding's main values; `leg` is None for what is recorded once."""
    values, table = _maker(rule_of(finding))(finding, leg)
    if rule_of(finding).startswith(GRADED):  # grades carry their own noise: odds stay monotonic in the grade
        return Likelihood(values=values, typical=table, atypical=table)
    return Likelihood(values=values, typical=table, atypical=_loosened(finding, values, table))


def _loosened(finding: str, values: tuple[str, ...], table: Array) -> Array:
    """Return the likelihood in an atypical patient: what a lesion predicts may fail to show.

    Where the normal value is expected it stays expected, so that a normal finding never helps a site
    against one that predicts it normal.
    """
    return _loose(table, _normal_place(finding, values))


def _loose(table: Array, normal_place: int | None) -> Array:
    """Return a table with the values on its last axis as it reads in an atypical patient."""
    figures = read("instrument")["atypical"]
    loose: Array = table ** figures["power"]
    loose /= loose.sum(axis=-1, keepdims=True)
    if normal_place is None:
        return loose
    normal = table[..., normal_place : normal_place + 1]
    unexpected = np.clip((normal.max() - normal) / (normal.max() * figures["full_from"]), 0.0, 1.0)
    mixed: Array = table + (loose - table) * unexpected
    return mixed


def _normal_place(finding: str, values: tuple[str, ...]) -> int | None:
    """Return where a finding's normal value stands among its values, None when it has none."""
    entry = catalogue()[finding]
    if entry.scale.kind == "number":
        return None
    return next((place for place, value in enumerate(values) if entry.state_of(value) == "normal"), None)


def weights_of(finding: str, value: Value) -> Mapping[str, float]:
    """Return how a recorded value is read: as which of the table's values, with what share."""
    scale = catalogue()[finding].scale
    if scale.id == "mrc":
        return strength.cells_of(str(value))
    if finding == "age":
        return {circumstances.age_group(float(value)): 1.0}
    return {str(value): 1.0}


def factor(finding: str, leg: Leg | None, value: Value, trust: float) -> tuple[Array, Array]:
    """Return log P(value | state) for a typical and an atypical patient; `trust` is 1 or less.

    Where the table is the same for both, both are one array.
    """
    table = likelihood(finding, leg)
    shares = np.array([weights_of(finding, value).get(name, 0.0) for name in table.values])
    anyone = float((table.typical @ shares).mean())
    typical = _trusted(table.typical @ shares, anyone, trust)
    if table.atypical is table.typical:
        return typical, typical
    return typical, _trusted(table.atypical @ shares, anyone, trust)


def _trusted(chance: Array, anyone: float, trust: float) -> Array:
    """Return the logarithm of a likelihood; too early a nerve study is read only in part.

    For the rest it shows anyone's result, whether the patient is typical or not: what tells typical from
    atypical patients would tell sites apart, and an early normal result could help a site against one that
    predicts it normal.
    """
    read_in_part = trust * chance + (1.0 - trust) * anyone if trust < 1.0 else chance
    result: Array = np.log(read_in_part)
    return result


def force_factor(findings: Findings) -> tuple[Array, Array] | None:
    """Return log P(difference of hip abduction force | state), or None when not both were measured."""
    cell = strength.force_cell(findings)
    return None if cell is None else _force_factor(cell)


@cache
def _force_factor(cell: int) -> tuple[Array, Array]:
    table = strength.force_table()
    return np.log(table[..., cell]), np.log(_loose(table, WITHIN_ERROR)[..., cell])


_RULES: Mapping[str, tuple[str, ...]] = {
    "anatomy": ("action", "area", "arc", "snap", "needle"),
    "likelihoods": ("likelihood", "choice"),
}
_SINGLE: Mapping[str, str] = {
    "plantar_response": "upper.plantar_response",
    "ankle_clonus": "upper.ankle_clonus",
    "tone": "upper.tone",
    "trendelenburg_sign": "trendelenburg.trendelenburg_sign",
    "gait_pattern": "gait.gait_pattern",
    "heel_walk": "walking.heel_walk",
    "toe_walk": "walking.toe_walk",
    "side": "side.side",
    "hip_abduction_force_n": "force.hip_abduction_force_n",
}


@cache
def _names(file: str, kind: str) -> frozenset[str]:
    return frozenset(name for name in read(file)[kind] if not _elsewhere(kind, name))


def _elsewhere(kind: str, name: str) -> bool:
    """Return whether another table predicts this finding although the anatomy lists it too."""
    return kind == "area" and name in read("likelihoods")["likelihood"]


def _maker(rule: str) -> Maker:
    return _MAKERS[rule.partition(".")[0]]


_MAKERS: Mapping[str, Maker] = {
    "action": strength.grades,
    "area": surface.skin,
    "arc": surface.reflex,
    "snap": surface.sensory_response,
    "needle": surface.needle,
    "likelihood": circumstances.yes_or_no,
    "choice": circumstances.choice,
    "upper": surface.upper_motor_neuron,
    "trendelenburg": strength.trendelenburg,
    "gait": strength.gait,
    "walking": strength.walking,
    "side": circumstances.side,
}
