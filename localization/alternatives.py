"""What if a recorded finding had been another: which level would lead, one finding changed at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from localization.catalogue import Finding, Value, catalogue
from localization.findings import Findings
from localization.posterior import Belief, Fact, fact_of
from localization.ranking import Ranking, best_sites
from localization.redflags import KNOWN_BEFORE
from localization.sites import sites

GRADED = "strength"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One recorded fact with another value: the site that would lead, and whether the level stays the same.

    `step` tells that the value is a grade one step away. `odds` is P(other value) to P(recorded value), given
    all other facts; it is 0 where the level stays, since nobody asks.
    """

    fact: Fact
    value: str
    step: bool
    site: str
    stays: bool
    odds: float


def alternatives(
    findings: Findings, facts: tuple[Fact, ...], belief: Belief, ranking: Ranking
) -> tuple[Alternative, ...]:
    """Return every other value of every recorded fact, a grade only one step up or down."""
    others = [
        (fact, value, fact_of(findings, fact.finding, fact.leg, value))
        for fact in facts
        for value in _other_values(catalogue()[fact.finding], fact.value)
    ]
    lead = _lead(ranking)
    return tuple(_alternative(fact, value, other, belief, ranking, lead) for fact, value, other in others)


def _other_values(finding: Finding, value: Value) -> Iterator[str]:
    """Yield the values to try: the grades next to this one, or each other value that screens offer."""
    scale = finding.scale
    if finding.id in KNOWN_BEFORE or scale.kind != "choice":
        return
    if finding.group == GRADED:
        yield from _neighbours(finding, value)
        return
    yield from (entry.token for entry in scale.values if entry.offered and entry.token != value)


def _neighbours(finding: Finding, value: Value) -> tuple[str, ...]:
    """Return the offered grades next to this one; a weakness without a grade has none."""
    rank = finding.scale.value(str(value)).rank
    if rank is None:
        return ()
    offered = [entry for entry in finding.scale.values if entry.offered and entry.rank is not None]
    lower = [entry.token for entry in offered if (entry.rank or 0.0) < rank]
    higher = [entry.token for entry in offered if (entry.rank or 0.0) > rank]
    return (*lower[-1:], *higher[:1])


def _lead(ranking: Ranking) -> float:
    """Return the log odds of the leading level against the next one."""
    first, second = sorted(ranking.groups.values(), reverse=True)[:2]
    return float(np.log(first) - np.log(second))


def _alternative(
    fact: Fact, value: str, other: Fact, belief: Belief, ranking: Ranking, lead: float
) -> Alternative:
    step = catalogue()[fact.finding].group == GRADED
    if _reach(fact, other) < lead:
        return Alternative(fact=fact, value=value, step=step, site=ranking.leader, stays=True, odds=0.0)
    (site,) = best_sites(belief.changed(fact, other)[:, np.newaxis])
    stays = sites()[site].group == ranking.first_group
    odds = 0.0 if stays else belief.odds(other, fact)
    return Alternative(fact=fact, value=value, step=step, site=site, stays=stays, odds=odds)


def _reach(fact: Fact, other: Fact) -> float:
    """Return the largest change in log odds between any two hidden states: no two levels change by more."""
    change = other.log - fact.log
    return float(change.max() - change.min())
