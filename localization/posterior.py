"""Exact Bayesian inference: the posterior of the sites, summed over all hidden states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np

from localization.catalogue import Value
from localization.elimination import Shares, laid
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.likelihood import factor, force_factor, weighs
from localization.redflags import recorded
from localization.sites import sites
from localization.states import Array, states
from localization.surface import trust_in_timing

FORCE = "hip_abduction_force_n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One recorded value with its log likelihoods over the hidden states; `log` holds both, laid out."""

    finding: str
    leg: Leg | None
    value: Value
    typical: Array
    atypical: Array
    log: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", laid(self.typical, self.atypical))


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The probabilities of all hidden states after the facts; they sum to 1 over both kinds of patient."""

    shares: Shares

    def per_site(self) -> Array:
        """Return the probability of each site, in the order of the vocabulary."""
        return _per_site(self.shares.per_lesion())

    def per_pattern(self) -> Array:
        """Return the probability of each pattern, in the order of the patterns."""
        result: Array = np.add.reduceat(self.shares.per_lesion(), states().pattern_starts)
        return result

    def without(self, fact: Fact) -> tuple[Array, float]:
        """Return the sites' probabilities had `fact` not been recorded, and P(fact | the others)."""
        by_lesion = self._reweighed(-fact.log)
        return _per_site(by_lesion), 1.0 / float(by_lesion.sum())

    def changed(self, fact: Fact, other: Fact) -> Array:
        """Return the sites' probabilities had `other` been recorded instead of `fact`."""
        return _per_site(self._reweighed(other.log - fact.log))

    def odds(self, other: Fact, fact: Fact) -> float:
        """Return P(`other` | all facts but `fact`) to P(`fact` | the same), two values of one finding."""
        return float(self._reweighed(other.log - fact.log).sum())

    def _reweighed(self, change: Array) -> Array:
        """Return the weight of each lesion after a change in log likelihood."""
        weights = self.shares.over(change.shape) * np.exp(change)
        total: Array = weights.reshape(-1, weights.shape[-1]).sum(axis=0)
        return total


def _per_site(by_lesion: Array) -> Array:
    result: Array = np.add.reduceat(by_lesion, states().site_starts)
    result /= result.sum()
    return result


def facts_of(findings: Findings) -> tuple[Fact, ...]:
    """Return every recorded value that weighs, in catalogue order; what was not tested is simply absent."""
    names = dict.fromkeys((*findings.unsided, *findings.left, *findings.right))
    found = [
        fact_of(findings, name, leg, value)
        for name in names
        if weighs(name)
        for leg, value in recorded(findings, name)
    ]
    force = force_factor(findings)
    if force is not None:
        value = findings.index_values[FORCE]
        found.append(Fact(finding=FORCE, leg="index", value=value, typical=force[0], atypical=force[1]))
    return tuple(sorted(found, key=lambda fact: (_place(fact.finding), str(fact.leg))))


def fact_of(findings: Findings, finding: str, leg: Leg | None, value: Value) -> Fact:
    """Return one value as a fact, which is shared; `findings` tells the day of the nerve study."""
    return _fact(finding, leg, value, trust_in_timing(findings, finding))


@lru_cache(maxsize=4096)
def _fact(finding: str, leg: Leg | None, value: Value, trust: float) -> Fact:
    typical, atypical = factor(finding, leg, value, trust)
    return Fact(finding=finding, leg=leg, value=value, typical=typical, atypical=atypical)


@cache
def _places() -> Mapping[str, int]:
    return {name: place for place, name in enumerate(read("findings")["finding"])}


def _place(finding: str) -> int:
    return _places()[finding]


@cache
def _log_prior(setting: str) -> Array:
    """Return log P(kind of patient, lesion) in a clinic of this setting, laid out."""
    table = read("priors")["prior"].get(setting)
    if table is None:
        message = f"“{setting}” is not a setting. Allowed: {', '.join(read('priors')['prior'])}."
        raise ValueError(message)
    chances = states().per_lesion([table["sites"][lesion.pattern.site] for lesion in states().lesions])
    atypical = read("instrument")["atypical"]["probability"]
    lesions = states().lesion_prior * chances
    return np.log(laid((1.0 - atypical) * lesions, atypical * lesions))


def believe(facts: tuple[Fact, ...], setting: str) -> Belief:
    """Return the probabilities of the hidden states after `facts`, for a clinic of this setting."""
    return Belief(shares=Shares.of(_log_prior(setting), [fact.log for fact in facts]))


def posterior(findings: Findings, setting: str) -> Mapping[str, float]:
    """Return P(site | findings) for every site; sums to 1."""
    return dict(zip(sites(), believe(facts_of(findings), setting).per_site().tolist(), strict=True))
