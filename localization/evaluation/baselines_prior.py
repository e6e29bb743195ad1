"""What is known before any finding, and how a simpler method's answer is mixed with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from localization.findings import Findings
from localization.knowledge import read

Chances: TypeAlias = Mapping[str, float]
Method: TypeAlias = Callable[[Findings, str], Chances]


@cache
def prior_of(setting: str) -> Chances:
    """Return P(site | foot drop) in a clinic of this setting; sums to 1. Raises ValueError for another."""
    table = read("priors")["prior"].get(setting)
    if table is None:
        message = f"“{setting}” is not a setting. Allowed: {', '.join(read('priors')['prior'])}."
        raise ValueError(message)
    return shares(table["sites"])


def prior_alone(_findings: Findings, setting: str) -> Chances:
    """Return the prior, whatever was found."""
    return prior_of(setting)


def shares(weights: Mapping[str, float]) -> Chances:
    """Return weights as shares that sum to 1, in the same order."""
    total = sum(weights.values())
    return MappingProxyType({site: weight / total for site, weight in weights.items()})


def mixed(chances: Chances, trust: float, setting: str) -> Chances:
    """Return `trust` parts of an answer with the rest from the prior: no share of 0 or 1 is left."""
    prior = prior_of(setting)
    return MappingProxyType(
        {site: trust * chances.get(site, 0.0) + (1.0 - trust) * prior[site] for site in prior}
    )


def named(sites: Iterable[str], confidence: float, setting: str) -> Chances:
    """Return the answer of a method that names sites: they share its confidence as the prior divides them."""
    prior = prior_of(setting)
    return mixed(shares({site: prior[site] for site in sites}), confidence, setting)
