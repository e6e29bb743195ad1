"""What a loss of strength shows: grades, one-leg stand, gait, heel and toe walking, measured force."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.states import AXES, CONTRA, DECIDING, HIP, Array, along, grade_cells, states

GRADES = ("0", "1", "2", "3", "4", "5")
WEAK_GRADES = GRADES[:-1]
PROFILE_BY_HIP = "peripheral"
UNGRADED = "weak"


def cells_of(token: str) -> Mapping[str, float]:
    """Return how a grade is read as a mixture of the six whole grades; "weak" is any of 0 to 4."""
    if token == UNGRADED:
        return dict.fromkeys(WEAK_GRADES, 1.0)
    blends: Mapping[str, Mapping[str, float]] = read("instrument")["blends"]
    return blends.get(token, {token: 1.0})


def leg_share(leg: Leg | None) -> Array:
    """Return the share of the lesion's depth in a leg: all of it, or what the other leg has of it."""
    if leg != "contra":
        return np.ones((1,) * AXES)
    mild = read("instrument")["contra_loss"]["mild"]
    return along(CONTRA, [0.0, mild, 1.0])


@cache
def strength_lost(action: str, leg: Leg | None) -> Array:
    """Return the share of strength lost in one movement that meets the examiner's hand."""
    gain = read("instrument")["gain"][action]
    exponent = read("instrument")["reserve"]["exponent"]
    whole = states().per_lesion([lesion.loss.actions[action] for lesion in states().lesions]) * states().depth
    lost = whole * leg_share(leg)
    # The reserve of a large muscle hides a partial loss; where nearly all is lost there is none left.
    shown: Array = np.minimum(1.0, lost * (gain + (1.0 - gain) * lost**exponent))
    return _or_by_the_hip(action, leg, shown)


def _or_by_the_hip(action: str, leg: Leg | None, lost: Array) -> Array:
    """Return the loss of hip abduction where hip disease may add its own; other movements as they are."""
    figures = read("instrument")["hip"]
    if action != figures["action"] or leg == "contra":
        return lost
    combined: Array = 1.0 - (1.0 - lost) * (1.0 - along(HIP, [0.0, figures["loss"]]))
    return combined


def grades(action: str, leg: Leg | None) -> tuple[tuple[str, ...], Array]:
    """Return P(grade | state); the weaker foot's dorsiflexion is weak by the entry condition."""
    if action != DECIDING or leg == "contra":
        return GRADES, _uneven_cells(action, leg)
    cells = grade_cells(strength_lost(action, leg))
    usual = read("instrument")["foot_drop"]["weak"]
    weak = states().per_lesion([lesion.pattern.table.get("foot_drop", usual) for lesion in states().lesions])[
        ..., np.newaxis
    ]
    given_weak = cells[..., :-1] / cells[..., :-1].sum(axis=-1, keepdims=True)
    return GRADES, np.concatenate([given_weak * weak, 1.0 - weak], axis=-1)


def _uneven_cells(action: str, leg: Leg | None) -> Array:
    """Return P(grade | state) of a muscle that may have kept more of its fibres than the leading one."""
    figures = read("instrument")["escape"]
    lost = strength_lost(action, leg)
    chance = figures["chance_of"].get(action, figures["chance"])
    kept = grade_cells(lost * figures["remaining"])
    mixed: Array = (1.0 - chance) * grade_cells(lost) + chance * kept
    return mixed


def _weak(action: str, leg: Leg | None) -> Array:
    return 1.0 - _uneven_cells(action, leg)[..., -1]


def trendelenburg(_finding: str, leg: Leg | None) -> tuple[tuple[str, ...], Array]:
    """Return P(one-leg stand | state): the same hip abductors as the grade, seen once more."""
    figures = read("instrument")["trendelenburg"]
    positive = figures["sound"] + (figures["lost"] - figures["sound"]) * _weak("hip_abduction", leg)
    return ("negative", "positive"), np.stack([1.0 - positive, positive], axis=-1)


def walking(finding: str, leg: Leg | None) -> tuple[tuple[str, ...], Array]:
    """Return P(heel or toe walk | state)."""
    figures = read("instrument")["walking"]
    action = figures["action"][finding]
    share = np.minimum(1.0, strength_lost(action, leg) / figures["full_loss"])
    unable = figures["sound"] + (figures["lost"] - figures["sound"]) * share
    return ("able", "unable"), np.stack([1.0 - unable, unable], axis=-1)


def gait(_finding: str, _leg: Leg | None) -> tuple[tuple[str, ...], Array]:
    """Return P(gait pattern | state): by the pattern's profile, and by the hip where that profile allows."""
    profiles: Mapping[str, Mapping[str, float]] = {
        name: {value: share for value, share in table.items() if isinstance(share, float)}
        for name, table in read("instrument")["gait"].items()
    }
    values = tuple(profiles[PROFILE_BY_HIP])
    rows = [list(profiles[lesion.pattern.table["gait"]].values()) for lesion in states().lesions]
    hip = np.array(list(profiles["hip"].values()))
    table = np.array(rows).reshape(len(rows), *[1] * (AXES - 1), -1)
    by_hip = states().per_lesion(
        [float(lesion.pattern.table["gait"] == PROFILE_BY_HIP) for lesion in states().lesions]
    )
    share = (by_hip * _weak("hip_abduction", "index"))[..., np.newaxis]
    mixed = (1.0 - share) * table + share * hip
    return values, mixed / mixed.sum(axis=-1, keepdims=True)


def force_cell(findings: Findings) -> int | None:
    """Return the place of the measured difference of hip abduction force in `force_table`.

    None unless both legs were measured.
    """
    name = "hip_abduction_force_n"
    weaker = findings.index_values.get(name)
    other = findings.contra_values.get(name)
    if weaker is None or other is None or float(other) <= 0.0:
        return None
    figures = read("instrument")["force"]
    deficit = 1.0 - float(weaker) / float(other)
    return int(np.searchsorted([figures["uncertain"], figures["clear"]], deficit))


@cache
def force_table() -> Array:
    """Return P(difference of force | state): within the error, uncertain or clear, on the last axis."""
    figures = read("instrument")["force"]
    expected = strength_lost("hip_abduction", "index") - strength_lost("hip_abduction", "contra")
    edges = np.array([figures["uncertain"], figures["clear"]])
    below = 1.0 / (1.0 + np.exp(-(edges - expected[..., np.newaxis]) / figures["spread"]))
    ends = np.zeros_like(below[..., :1]), np.ones_like(below[..., :1])
    return np.diff(np.concatenate([ends[0], below, ends[1]], -1))
