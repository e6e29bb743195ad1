"""The smallest lesion: which pattern of the anatomy explains every deficit and predicts none in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from localization.anatomy import Pattern, loss_of, patterns, supplies
from localization.catalogue import Value, catalogue
from localization.evaluation.baselines_prior import Chances, mixed, prior_of, shares
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.redflags import recorded
from localization.surface import trust_in_timing

LOW, HIGH, NONE = "low", "high", "none"
UPPER_SIGNS = {"plantar_response": "extensor", "ankle_clonus": "clonus", "tone": "spastic"}
RAISED = ("brisk", "clonus")
CONTRA_UNAFFECTED = 0
DECIDING = "ankle_dorsiflexion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One examined structure: the finding that shows it, its leg, and whether it is lost, raised or sound."""

    shows: str
    leg: Leg | None
    state: str


def smallest_lesion(findings: Findings, setting: str) -> Chances:
    """Return the sites weighed by the misfits of their best pattern, equals divided as by the prior."""
    figures = read("baselines")["smallest_lesion"]
    signs = tuple(signs_of(findings))
    prior = prior_of(setting)
    weights = {site: prior[site] * figures["misfit"] ** _fewest_misfits(site, signs) for site in prior}
    return mixed(shares(weights), 1.0 - figures["atypical"], setting)


def misfits(pattern: Pattern, signs: tuple[Sign, ...]) -> int:
    """Return how many deficits a pattern leaves unexplained, with those it predicts where all was normal."""
    figures = read("baselines")["smallest_lesion"]
    count = 0
    for sign in signs:
        lost, raised = _share(pattern, sign, LOW), _share(pattern, sign, HIGH)
        if sign.state == NONE:
            count += max(lost, raised) >= figures["predicts"]
        else:
            count += (lost if sign.state == LOW else raised) < figures["explains"]
    return count


def signs_of(findings: Findings) -> Iterator[Sign]:
    """Yield every examined structure once; what was not tested, or studied too early, yields nothing."""
    stand_ins: Mapping[str, str] = read("baselines")["smallest_lesion"]["stands_for"]
    for name in dict.fromkeys((*findings.unsided, *findings.left, *findings.right)):
        shows = stand_ins.get(name, name)
        if shows not in _readable() or trust_in_timing(findings, name) < 1.0:
            continue
        for leg, value in recorded(findings, name):
            graded = shows != name and any(leg == known for known, _ in recorded(findings, shows))
            state = _state(name, value)
            if state and not graded:
                yield Sign(shows=shows, leg=leg, state=state)
    if findings.unsided.get("side") == "bilateral" and DECIDING not in findings.contra_values:
        yield Sign(shows=DECIDING, leg="contra", state=LOW)


def _state(finding: str, value: Value) -> str:
    """Return whether a value shows loss, overactivity or neither; empty for one that shows nothing."""
    state = catalogue()[finding].state_of(value)
    if finding == "ankle_clonus":
        return HIGH if value == "yes" else NONE
    if state == "normal":
        return NONE
    if state != "abnormal":
        return ""
    if value in RAISED or UPPER_SIGNS.get(finding) == value:
        return HIGH
    return LOW


def _fewest_misfits(site: str, signs: tuple[Sign, ...]) -> int:
    return min(misfits(pattern, signs) for pattern in patterns() if pattern.site == site)


def _share(pattern: Pattern, sign: Sign, state: str) -> float:
    """Return how far the pattern takes a structure, or drives it, in that leg; 0 where it spares the leg."""
    if sign.leg == "contra" and not _both_legs(pattern):
        return 0.0
    return _taken(pattern.key)[state].get(sign.shows, 0.0)


def _both_legs(pattern: Pattern) -> bool:
    """Return whether the other leg is affected more often than not."""
    contra = pattern.table["contra"]
    return bool(2.0 * contra[CONTRA_UNAFFECTED] < sum(contra))


@cache
def _readable() -> frozenset[str]:
    anatomy = read("anatomy")
    kinds = ("action", "area", "arc", "snap", "needle")
    return frozenset(name for kind in kinds for name in anatomy[kind]) | frozenset(UPPER_SIGNS)


@cache
def _taken(key: str) -> Mapping[str, Mapping[str, float]]:
    """Return what a pattern takes away, and what an upper-motor-neuron lesion drives, by finding."""
    pattern = next(pattern for pattern in patterns() if pattern.key == key)
    loss = loss_of(pattern, supplies(pattern)[0])
    feeling = float(pattern.table["sensory"])
    profile = read("instrument")["upper"][pattern.table.get("upper", "none")]
    limp = read("instrument")["tone"]["lower"] if pattern.table.get("lower", False) else profile["flaccid"]
    low = {
        **loss.actions,
        **{area: share * feeling for area, share in loss.areas.items()},
        **loss.arcs,
        **loss.snaps,
        **loss.needles,
        "tone": limp,
    }
    high = {name: profile[sign] for name, sign in UPPER_SIGNS.items()}
    return {LOW: low, HIGH: high | dict.fromkeys(loss.arcs, profile["brisk"])}
