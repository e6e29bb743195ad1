"""What no anatomy predicts: history, stretch tests, palpation, the side that is named."""

from __future__ import annotations

import numpy as np

from localization.catalogue import catalogue
from localization.findings import Leg
from localization.knowledge import read
from localization.states import AXES, BACKGROUND, CONTRA, LESION, PAIN, Array, along, pain_chance, states
from localization.strength import leg_share
from localization.tables import baseline, by_key, choice_values, choices_by_pattern, table_of

Values = tuple[str, ...]
SOUND_LEG_TEST = "crossed_slr"


def yes_or_no(finding: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(value | state) of a finding with two or three values, one of which the table gives."""
    table = table_of(finding)
    chance = states().per_lesion([by_key(finding)[lesion.pattern.key] for lesion in states().lesions])
    if table.get("cause") == "pain":
        chance = _with_pain(finding, chance)
    if leg == "contra" and finding != SOUND_LEG_TEST:
        chance = baseline(finding) + (chance - baseline(finding)) * leg_share(leg)
    added = read("instrument")["background"].get(finding)
    if added is not None:
        chance = np.maximum(chance, along(BACKGROUND, [0.0, added]))
    return _cells(finding, table["value"], chance)


def _cells(finding: str, value: str, chance: Array) -> tuple[Values, Array]:
    tokens = catalogue()[finding].scale.tokens
    if len(tokens) == 2:  # noqa: PLR2004 - two answers
        other = next(token for token in tokens if token != value)
        return (other, value), np.stack([1.0 - chance, chance], axis=-1)
    absent = read("instrument")["sensation"]["absent"]
    return tokens, np.stack([1.0 - chance, chance * (1.0 - absent), chance * absent], axis=-1)


def _with_pain(finding: str, chance: Array) -> Array:
    """Return P(value | state, pain or not): several questions ask for the one cause."""
    figures = read("instrument")["pain"]
    if finding == "painless":
        return along(PAIN, [figures["painless_without"], figures["painless_with"]])
    pain = along(LESION, pain_chance(states().lesions).tolist())
    without = figures["leak"] * chance
    with_pain = np.minimum(1.0 - figures["floor"], (chance - (1.0 - pain) * without) / pain)
    without = (chance - pain * with_pain) / (1.0 - pain)
    return np.concatenate([without, with_pain], axis=PAIN)


def choice(finding: str, _leg: Leg | None) -> tuple[Values, Array]:
    """Return P(value | state) of a finding with several values."""
    rows = np.array([choices_by_pattern(finding, lesion.pattern) for lesion in states().lesions])
    rows = rows / rows.sum(axis=1, keepdims=True)
    return choice_values(finding), rows.reshape(len(rows), *[1] * (AXES - 1), -1)


def age_group(age: float) -> str:
    """Return the age group, named by its lower end, of an age in years."""
    return max((group for group in choice_values("age") if float(group) <= age), key=float)


def side(_finding: str, _leg: Leg | None) -> tuple[Values, Array]:
    """Return P(the side that is named | state): left and right alike, both by what the other leg has."""
    figures = read("instrument")["side"]
    both = along(CONTRA, [figures["unaffected"], figures["mild"], figures["same"]])
    return ("left", "right", "bilateral"), np.stack([(1.0 - both) / 2.0, (1.0 - both) / 2.0, both], axis=-1)
