"""Exact Bayesian inference: the posterior of the sites, summed over all hidden states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from localization.catalogue import Value
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.likelihood import factor, force_factor, weighs
from localization.redflags import recorded
from localization.sites import sites
from localization.states import AXES, INNER, Array, states

FORCE = "hip_abduction_force_n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One recorded value with its log likelihoods over the hidden states."""

    finding: str
    leg: Leg | None
    value: Value
    typical: Array
    atypical: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The weights of all hidden states after the facts; they sum to 1 over both kinds of patient."""

    typical: Array
    atypical: Array

    def per_site(self) -> Array:
        """Return the probability of each site, in the order of the vocabulary."""
        return _per_site(self._per_lesion())

    def per_pattern(self) -> Array:
        """Return the probability of each pattern, in the order of the patterns."""
        result: Array = np.add.reduceat(self._per_lesion(), states().pattern_starts)
        return result

    def without(self, fact: Fact) -> tuple[Array, float]:
        """Return the sites' probabilities had `fact` not been recorded, and P(fact | the others)."""
        by_lesion = _reweighed(self.typical, -fact.typical) + _reweighed(self.atypical, -fact.atypical)
        return _per_site(by_lesion), 1.0 / float(by_lesion.sum())

    def changed(self, fact: Fact, other: Fact) -> Array:
        """Return the sites' probabilities had `other` been recorded instead of `fact`."""
        typical = _reweighed(self.typical, other.typical - fact.typical)
        return _per_site(typical + _reweighed(self.atypical, other.atypical - fact.atypical))

    def _per_lesion(self) -> Array:
        total: Array = (self.typical + self.atypical).sum(axis=INNER)
        return total


def _reweighed(weights: Array, change: Array) -> Array:
    """Return the weight of each lesion after a change in log likelihood."""
    idle = tuple(axis for axis in range(1, weights.ndim) if change.shape[axis] == 1)
    total: Array = (weights.sum(axis=idle, keepdims=True) * np.exp(change)).sum(axis=INNER)
    return total


def _per_site(by_lesion: Array) -> Array:
    result: Array = np.add.reduceat(by_lesion, states().site_starts)
    result /= result.sum()
    return result


def facts_of(findings: Findings) -> tuple[Fact, ...]:
    """Return every recorded value that weighs, in catalogue order; what was not tested is simply absent."""
    found: list[Fact] = []
    for name in dict.fromkeys((*findings.unsided, *findings.left, *findings.right)):
        if not weighs(name):
            continue
        found += [fact_of(findings, name, leg, value) for leg, value in recorded(findings, name)]
    force = force_factor(findings)
    if force is not None:
        value = findings.index_values[FORCE]
        found.append(Fact(finding=FORCE, leg="index", value=value, typical=force[0], atypical=force[1]))
    return tuple(sorted(found, key=lambda fact: (_place(fact.finding), str(fact.leg))))


def fact_of(findings: Findings, finding: str, leg: Leg | None, value: Value) -> Fact:
    """Return one value as a fact; `findings` tells the day of the nerve study."""
    typical, atypical = factor(findings, finding, leg, value)
    return Fact(finding=finding, leg=leg, value=value, typical=typical, atypical=atypical)


@cache
def _places() -> Mapping[str, int]:
    return {name: place for place, name in enumerate(read("findings")["finding"])}


def _place(finding: str) -> int:
    return _places()[finding]


@cache
def _log_prior(setting: str) -> Array:
    table = read("priors")["prior"].get(setting)
    if table is None:
        message = f"“{setting}” is not a setting. Allowed: {', '.join(read('priors')['prior'])}."
        raise ValueError(message)
    chances = [table["sites"][lesion.pattern.site] for lesion in states().lesions]
    with np.errstate(divide="ignore"):  # a hidden state may be impossible; a site never is
        prior: Array = np.log(states().prior) + np.log(states().per_lesion(chances))
    return prior


def believe(facts: tuple[Fact, ...], setting: str) -> Belief:
    """Return the weights of the hidden states after `facts`, for a clinic of this setting."""
    chance = read("instrument")["atypical"]["probability"]
    start = _log_prior(setting)
    typical = start + np.log(1.0 - chance) + _total([fact.typical for fact in facts])
    atypical = start + np.log(chance) + _total([fact.atypical for fact in facts])
    peak = max(float(typical.max()), float(atypical.max()))
    np.exp(typical - peak, out=typical)
    np.exp(atypical - peak, out=atypical)
    total = float(typical.sum() + atypical.sum())
    return Belief(typical=typical / total, atypical=atypical / total)


def _total(tables: list[Array]) -> Array:
    """Return the sum of log tables: first those of one shape, then the few sums together."""
    by_shape: dict[tuple[int, ...], Array] = {}
    for table in tables:
        known = by_shape.get(table.shape)
        by_shape[table.shape] = table if known is None else known + table
    total: Array = np.zeros((1,) * AXES)
    for shape in sorted(by_shape, key=lambda shape: (int(np.prod(shape)), shape)):
        total = total + by_shape[shape]
    return total


def posterior(findings: Findings, setting: str) -> Mapping[str, float]:
    """Return P(site | findings) for every site; sums to 1."""
    chances = believe(facts_of(findings), setting).per_site()
    return dict(zip(sites(), (float(chance) for chance in chances), strict=True))
