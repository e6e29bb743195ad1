"""How many bedside tests a level takes, in drawn patients, by the order in which the tests are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from localization.catalogue import catalogue
from localization.evaluation.intervals import Array, estimate, mean
from localization.findings import DECIDING, Findings
from localization.likelihood import weighs
from localization.posterior import Belief, believe, facts_of
from localization.prospects import prospects
from localization.ranking import Ranking
from localization.redflags import KNOWN_BEFORE
from localization.simulation import Patient, patients
from localization.sites import sites
from localization.suggestions import LABORATORY, Outlook

SURE = 0.9  # the walk ends when one site is this probable
ORDERS = {
    "next_best": "next best test, as the report shows it: by gain per minute, turning the patient counted",
    "most_telling": "most telling test, by gain alone",
    "catalogue": "fixed order of the catalogue",
    "random": "random order",
}
Chooser: TypeAlias = Callable[[Findings, Belief, str], str | None]  # the last is the patient's position


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One patient examined in one order: whether a site became sure, after how many tests and minutes.

    Where none did, `tests` and `minutes` are those of the whole walk; `right` tells of the first site then.
    """

    tests: int
    minutes: float
    sure: bool
    right: bool


def walks(count: int, seed: int, setting: str) -> dict[str, Any]:
    """Return for each order how many tests it takes until one site is sure, over `count` drawn patients."""
    drawn = list(patients(count, seed, setting=setting))
    orders = {}
    for order in ORDERS:
        choosers = [chooser(order, (seed, place)) for place in range(count)]
        pairs = zip(drawn, choosers, strict=True)
        orders[order] = figures([walk(patient, choose, setting) for patient, choose in pairs])
    return {
        "n": count,
        "seed": seed,
        "setting": setting,
        "sure": SURE,
        "tests": len(bedside_tests()),
        "orders": orders,
    }


def walk(patient: Patient, choose: Chooser, setting: str) -> Walk:
    """Return the examination of one patient: what is known before and weak dorsiflexion, then test by test.

    A test of both legs counts once; laboratory tests are not done. The minutes are those of the tests alone,
    without turning the patient.
    """
    known = [*sorted(KNOWN_BEFORE), DECIDING]
    begun, position = len(known), ""
    while True:
        findings = patient.only(known)
        belief = believe(facts_of(findings), setting)
        chances = belief.per_site()
        sure = bool(chances.max() >= SURE)
        chosen = None if sure else choose(findings, belief, position)
        if chosen is None:
            break
        known.append(chosen)
        position = catalogue()[chosen].position
    first = list(sites())[int(np.argmax(chances))]
    minutes = sum(catalogue()[name].minutes for name in known[begun:])
    return Walk(tests=len(known) - begun, minutes=minutes, sure=sure, right=first == patient.truth.site)


@cache
def bedside_tests() -> tuple[str, ...]:
    """Return every finding that weighs and can be asked or tested at the bedside, in catalogue order."""
    return tuple(
        name
        for name, finding in catalogue().findings.items()
        if weighs(name) and name not in KNOWN_BEFORE and name != DECIDING and finding.position != LABORATORY
    )


def chooser(order: str, seed: Sequence[int]) -> Chooser:
    """Return how the next test is chosen in an order of ORDERS; only the random order needs the seed."""
    if order == "catalogue":
        return _in_turn(bedside_tests())
    if order == "random":
        shuffled = np.random.Generator(np.random.PCG64(seed)).permutation(len(bedside_tests()))
        return _in_turn([bedside_tests()[place] for place in shuffled])
    return _next_shown if order == "next_best" else _most_telling


def _in_turn(tests: Sequence[str]) -> Chooser:
    left = iter(tests)
    return lambda _findings, _belief, _position: next(left, None)


def _next_shown(findings: Findings, belief: Belief, position: str) -> str | None:
    """Return the test that the report shows first, None where it finds none worth doing."""
    shown = Outlook.of(findings, belief, Ranking.of(belief), position).next_tests()
    return shown[0].finding if shown else None


def _most_telling(findings: Findings, belief: Belief, _position: str) -> str | None:
    found = prospects(findings, belief, Ranking.of(belief))
    bedside = [prospect for prospect in found if prospect.finding.position != LABORATORY]
    return max(bedside, key=lambda prospect: prospect.gain).finding.id if bedside else None


def figures(walked: Sequence[Walk]) -> dict[str, Any]:
    """Return the figures of one order; a median that most patients never reach is None."""
    sure = np.array([float(one.sure) for one in walked])
    return {
        "median_tests": _median([one.tests for one in walked], sure),
        "median_minutes": _median([one.minutes for one in walked], sure),
        "never_sure": mean(1.0 - sure).to_json(),
        "right_when_sure": _right([one for one in walked if one.sure]),
        "right_when_never_sure": _right([one for one in walked if not one.sure]),
    }


def _median(values: Sequence[float], sure: Array) -> dict[str, float | None]:
    """Return the median with its interval; who never became sure counts as longer than everyone else."""
    beyond = max(values) + 1.0
    ranked = np.where(sure > 0.0, np.array(values, dtype=np.float64), beyond)
    found = estimate(len(ranked), lambda rows: np.median(ranked[rows], axis=-1))
    return {name: None if value >= beyond else value for name, value in found.to_json().items()}


def _right(walked: Sequence[Walk]) -> dict[str, int]:
    return {"n": len(walked), "right": sum(one.right for one in walked)}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the figures as lines for people."""
    who = f"{result['n']} drawn patients, setting {result['setting']}, seed {result['seed']}"
    lines = [
        f"{who}: tests until one site reaches {result['sure']:.0%}.",
        f"Known before: age, sex, side, dorsiflexion. {result['tests']} bedside tests can follow.",
    ]
    for order, row in result["orders"].items():
        sure, unsure = row["right_when_sure"], row["right_when_never_sure"]
        lines += [
            f"{ORDERS[order]}:",
            f"  median of tests: {_words(row['median_tests'], 0)}",
            f"  median of minutes: {_words(row['median_minutes'], 1)}",
            f"  never reached in {_words(row['never_sure'], 3)} of the patients",
            f"  site then named: right in {sure['right']} of {sure['n']}",
            f"  first site where never reached: right in {unsure['right']} of {unsure['n']}",
        ]
    return "\n".join(lines)


def _words(figure: Mapping[str, float | None], digits: int) -> str:
    value, low, high = (
        "never" if figure[name] is None else f"{figure[name]:.{digits}f}" for name in ("value", "low", "high")
    )
    return f"{value} ({low} to {high})"
