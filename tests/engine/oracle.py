"""The engine's model once more, as a Bayesian network that pyAgrum solves: an oracle for the posterior.

Independent are the inference and the whole prior: every hidden circumstance is a node of its own, with
its chances read from the knowledge files, and foot drop is a finding that pyAgrum conditions on.
Shared with the engine are the tables of single findings, and what a lesion takes away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localization import SITES, Findings
from localization.knowledge import read
from localization.states import states
from tests.engine.network import (
    ATYPICAL,
    NO_YES,
    Array,
    Evidence,
    Network,
    Query,
    evidence_of,
    force_deficits,
    no_yes,
    observable,
)

LESION = ("severity", "supply", "pattern")
ENTRY = "foot_drop"
DECIDING = "ankle_dorsiflexion"


def posterior(findings: Findings, setting: str) -> dict[str, float]:
    """Return P(site | findings) for every site, by pyAgrum's exact inference."""
    return dict(zip(SITES, map(float, chances_of("site", patient(findings, setting))), strict=True))


def patient(findings: Findings, setting: str) -> Evidence:
    """Return all that is known of a patient with foot drop in a clinic of this setting."""
    return {"setting": setting, ENTRY: "yes"} | evidence_of(findings)


def chances_of(node: str, evidence: Evidence) -> Array:
    """Return P(each value of a node | evidence)."""
    return _query(node)(evidence)


def chance_of(node: str, recorded: str | list[float], evidence: Evidence) -> float:
    """Return P(what was recorded of a node | evidence)."""
    weights = recorded
    if isinstance(recorded, str):
        weights = [float(value == recorded) for value in _query(node).values]
    return float(chances_of(node, evidence) @ np.array(weights))


@cache
def _query(node: str) -> Query:
    return Query(network(), node)


@cache
def network() -> Network:
    """Return the network of every hidden state and every finding, for any exam in any setting."""
    made = Network(LESION, places())
    add_sites_and_lesions(made)
    add_circumstances(made)
    for finding, leg in observable():
        made.add_finding(finding, leg)
    for place in range(len(force_deficits())):
        made.add_force(place)
    return made


def add_sites_and_lesions(made: Network) -> None:
    """Add setting, site, pattern, root supply and severity, and foot drop as what selects the patients."""
    at_site = np.array([[one["weight"] * (one["site"] == site) for one in patterns()] for site in SITES])
    at_site /= at_site.sum(axis=1, keepdims=True)
    supply = np.array([chances_of_supply(pattern) for pattern in patterns()])
    severity = np.array([figures["probability"] for figures in read("instrument")["severity"].values()])
    drop = chances_of_foot_drop()
    # The settings tell how common a site is among foot drops; the node stands before that selection.
    drop_at_site = np.einsum("sp,pu,v,vup->s", at_site, supply, severity, drop)
    settings = read("priors")["prior"]
    common = np.array([[table["sites"][site] for site in SITES] for table in settings.values()])
    common /= drop_at_site
    made.add("setting", tuple(settings), (), np.full(len(settings), 1.0 / len(settings)))
    made.add("site", tuple(SITES), ("setting",), common / common.sum(axis=1, keepdims=True))
    made.add("pattern", tuple(map(key_of, patterns())), ("site",), at_site)
    made.add("supply", tuple(read("anatomy")["supply"]), ("pattern",), supply)
    made.add("severity", tuple(read("instrument")["severity"]), (), severity)
    made.add(ENTRY, NO_YES, LESION, no_yes(drop))


def add_circumstances(made: Network) -> None:
    """Add the other leg, feeling, pain, and what stands beside any lesion."""
    other_leg = np.array([pattern["contra"] for pattern in patterns()])
    other_leg /= other_leg.sum(axis=1, keepdims=True)
    made.add("other_leg", ("unaffected", "mild", "same"), ("pattern",), other_leg)
    made.add("feeling", NO_YES, ("severity", "pattern"), no_yes(chances_of_feeling()))
    made.add("pain", NO_YES, ("pattern",), no_yes([chance_of_pain(pattern) for pattern in patterns()]))
    for name, entry in (("neuropathy", "background"), ("hip", "hip"), (ATYPICAL, "atypical")):
        made.add(name, NO_YES, (), no_yes(read("instrument")[entry]["probability"]))


@cache
def patterns() -> tuple[Mapping[str, Any], ...]:
    """Return the patterns as the file lists them."""
    return tuple(read("patterns")["pattern"])


def key_of(pattern: Mapping[str, Any]) -> str:
    """Return a pattern's name together with its site's."""
    return f"{pattern['site']}.{pattern['name']}"


@cache
def places() -> NDArray[np.intp]:
    """Return where the engine's tables hold each lesion; what no patient can have points anywhere."""
    held = {(one.severity, one.supply, one.pattern.key): place for place, one in enumerate(states().lesions)}
    return np.array(
        [
            [
                [held.get((severity, supply, key_of(pattern)), 0) for pattern in patterns()]
                for supply in read("anatomy")["supply"]
            ]
            for severity in read("instrument")["severity"]
        ]
    )


def chances_of_supply(pattern: Mapping[str, Any]) -> list[float]:
    """Return P(root supply | pattern): the usual one where no root is hit, for there it changes nothing."""
    every = read("anatomy")["supply"].values()
    if "roots" not in pattern:
        return [float(place == 0) for place in range(len(every))]
    return [float(figures["probability"]) for figures in every]


def chances_of_foot_drop() -> Array:
    """Return P(dorsiflexion is below the full grade | lesion), 1 for patterns seen without a foot drop."""
    grades = read("instrument")["grades"]
    depth = np.array([figures["loss"] for figures in read("instrument")["severity"].values()])
    lost = np.array([one.loss.actions[DECIDING] for one in states().lesions])[places()]
    lost *= depth[:, np.newaxis, np.newaxis]
    drop = np.ones(lost.shape)
    for place in np.ndindex(drop.shape):
        if ENTRY not in patterns()[place[-1]]:
            strength = grades["ceiling"] * (1.0 - lost[place])
            drop[place] = 1.0 / (1.0 + math.exp((strength - grades["steps"][-1]) / grades["spread"]))
    return drop


def chances_of_feeling() -> Array:
    """Return P(feeling is involved | severity, pattern).

    A lesion that denervates spares feeling in proportion to the strength it leaves, so that the share of
    the pattern holds over all severities; other lesions spare it alike in all.
    """
    spared = np.array([[1.0 - pattern["sensory"] for pattern in patterns()]])
    severities = read("instrument")["severity"].values()
    left = np.array([[1.0 - figures["loss"]] for figures in severities])
    common = np.array([figures["probability"] for figures in severities])
    denervates = np.array([pattern.get("lower", False) for pattern in patterns()])
    spared = spared * np.where(denervates, left / (common @ left), 1.0)
    result: Array = 1.0 - np.minimum(1.0, spared)
    return result


def chance_of_pain(pattern: Mapping[str, Any]) -> float:
    """Return P(pain | pattern), such that "no pain at all" is answered as often as its table says."""
    table = read("likelihoods")["likelihood"]["painless"]
    painless = table["pattern"].get(key_of(pattern))
    if painless is None:
        counted = [row for row in table.get("published", ()) if row["site"] == pattern["site"]]
        weight = read("instrument")["published_weight"]["patients"]
        hits = weight * table["sites"].get(pattern["site"], table["default"])
        painless = (hits + sum(row["k"] for row in counted)) / (weight + sum(row["n"] for row in counted))
    pain = read("instrument")["pain"]
    chance = (pain["painless_without"] - painless) / (pain["painless_without"] - pain["painless_with"])
    return float(min(max(chance, pain["floor"]), 1.0 - pain["floor"]))
