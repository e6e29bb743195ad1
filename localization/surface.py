"""What shows at the surface: feeling, reflexes, upper-motor-neuron signs, and the laboratory's results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.states import BACKGROUND, CONTRA, HIP, OTHER_LEG, SKIN, Array, Lesion, along, states
from localization.strength import leg_share

NEEDLE, RESPONSE = "needle", "sensory"
Values = tuple[str, ...]


def skin(area: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(feeling in an area | state): by the fibres lost, where feeling is involved at all."""
    figures = read("instrument")["sensation"]
    lost = _per_lesion(lambda lesion: lesion.loss.areas[area]) * _reach(leg)
    involved = along(SKIN, [0.0, 1.0])
    share = _either(lost * involved, _background("areas", area))
    abnormal = figures["sound"] + (figures["lost"] - figures["sound"]) * share
    return ("normal", "reduced", "absent"), _graded(abnormal, figures["absent"])


def reflex(arc: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(tendon reflex | state): lowered by a lost arc, raised by an upper-motor-neuron lesion."""
    figures = read("instrument")["reflex"][arc]
    full = read("instrument")["needle"]["full_loss"]
    deep = np.minimum(1.0, states().depth / full)
    lost = _per_lesion(lambda lesion: min(1.0, lesion.loss.arcs[arc])) * deep * _reach(leg)
    lowered = _either(lost, _background("arcs", arc))
    upper = _profile("brisk", leg)
    raised = _either(upper * (1.0 - lowered), np.full(1, figures["brisk"])) * (1.0 - lowered / 2.0)
    low = (1.0 - raised) * (figures["sound"] + (figures["lost"] - figures["sound"]) * lowered)
    clonus = read("instrument")["clonus_share"]
    jerking = raised * np.where(upper > 0.0, clonus["share"], clonus["plain_share"])
    normal = 1.0 - raised - low
    cells = [low * figures["absent"], low * (1.0 - figures["absent"]), normal, raised - jerking, jerking]
    return ("absent", "reduced", "normal", "brisk", "clonus"), np.stack(cells, axis=-1)


def upper_motor_neuron(finding: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(plantar response, clonus or tone | state)."""
    if finding == "plantar_response":
        equivocal = read("instrument")["plantar"]["equivocal"]
        extensor = _profile("extensor", leg)
        flexor = 1.0 - equivocal - extensor
        cells = [flexor, extensor, np.full_like(extensor, equivocal)]
        return ("flexor", "extensor", "equivocal"), np.stack(cells, axis=-1)
    if finding == "ankle_clonus":
        beats = _profile("clonus", leg)
        return ("no", "yes"), np.stack([1.0 - beats, beats], axis=-1)
    spastic = _profile("spastic", leg)
    lower = _per_lesion(lambda lesion: float(lesion.pattern.table.get("lower", False)))
    limp = _either(
        _profile("flaccid", leg), read("instrument")["tone"]["lower"] * lower * states().depth * _reach(leg)
    )
    flaccid = (1.0 - spastic) * limp
    return ("flaccid", "normal", "spastic"), np.stack([flaccid, 1.0 - spastic - flaccid, spastic], axis=-1)


def sensory_response(nerve: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(sensory nerve response | state): low beyond the ganglion, seldom in a root lesion."""
    figures = read("instrument")["sensory_response"]
    lost = _per_lesion(lambda lesion: lesion.loss.snaps[nerve]) * _reach(leg)
    share = _either(lost, _background_share("snaps"))
    abnormal = figures["sound"] + (figures["lost"] - figures["sound"]) * share
    root = _per_lesion(lambda lesion: _root_share(lesion, nerve)) * _reach(leg)
    abnormal = _either(abnormal, (figures["root"] - figures["sound"]) * root)
    return ("normal", "reduced", "absent"), _graded(abnormal, figures["absent"])


def needle(muscle: str, leg: Leg | None) -> tuple[Values, Array]:
    """Return P(needle study | state): denervated where the supply of the muscle is lost."""
    figures = read("instrument")["needle"]
    lost = _per_lesion(lambda lesion: lesion.loss.needles[muscle])
    share = np.minimum(1.0, lost * states().depth / figures["full_loss"]) * _reach(leg)
    hip = read("instrument")["hip"]
    if muscle == hip["needle"]:
        share = _either(share, along(HIP, [0.0, hip["needle_share"]]))
    denervated = figures["sound"] + (figures["lost"] - figures["sound"]) * share
    return ("normal", "denervated"), np.stack([1.0 - denervated, denervated], axis=-1)


def trust_in_timing(findings: Findings, finding: str) -> float:
    """Return the weight of a nerve study by its day after onset: low before axon loss can show."""
    day = findings.unsided.get("days_onset_to_edx")
    timing = read("instrument")["timing"]
    first = timing["first_day"].get(finding)
    if day is None or first is None or float(day) >= first:
        return 1.0
    return float(timing["early_weight"])


def _per_lesion(figure: Callable[[Lesion], float]) -> Array:
    return states().per_lesion([figure(lesion) for lesion in states().lesions])


def _reach(leg: Leg | None) -> Array:
    """Return 1 where a leg is affected at all, less where it is mildly affected."""
    return leg_share(leg)


def _either(one: Array, other: Array) -> Array:
    combined: Array = 1.0 - (1.0 - one) * (1.0 - other)
    return combined


def _graded(abnormal: Array, absent: float) -> Array:
    return np.stack([1.0 - abnormal, abnormal * (1.0 - absent), abnormal * absent], axis=-1)


def _background(kind: str, name: str) -> Array:
    added = read("instrument")["background"][kind].get(name, 0.0)
    return along(BACKGROUND, [0.0, added])


def _background_share(kind: str) -> Array:
    return along(BACKGROUND, [0.0, read("instrument")["background"][kind]])


def _profile(sign: str, leg: Leg | None) -> Array:
    """Return P(an upper-motor-neuron sign | state); an unaffected leg shows it as a healthy one would."""
    profiles = read("instrument")["upper"]
    plain = profiles["none"][sign]
    own = _per_lesion(lambda lesion: profiles[lesion.pattern.table.get("upper", "none")][sign])
    if leg != "contra":
        return own
    affected = along(CONTRA, [float(state != OTHER_LEG[0]) for state in OTHER_LEG])
    chance: Array = plain + (own - plain) * affected
    return chance


def _root_share(lesion: Lesion, nerve: str) -> float:
    """Return the share of a nerve's fibres whose root is hit above the ganglion."""
    table = lesion.pattern.table
    if table.get("postganglionic", False) or "roots" not in table:
        return 0.0
    shares = read("anatomy")["snap"][nerve]["roots"]
    return float(sum(share * table["roots"].get(root, 0.0) for root, share in shares.items()))
