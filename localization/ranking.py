"""The order of sites and level groups after the findings, and which are not yet set apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from localization.anatomy import patterns
from localization.knowledge import read
from localization.posterior import Belief
from localization.sites import groups, sites
from localization.states import Array
from localization.ties import DECIMALS, steady_share

NO_LESION = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Probabilities per site, group and pattern, and the orders that follow from them.

    `leader` is the best site of the best level group: levels first, the site second; `runner_up` the best
    site of any other level group; `lesions` the sites in order, without the answer that nothing is wrong.
    """

    sites: Mapping[str, float]
    groups: Mapping[str, float]
    patterns: Mapping[str, float]
    lesions: tuple[str, ...]
    first_group: str
    leader: str
    runner_up: str

    @classmethod
    def of(cls, belief: Belief) -> Ranking:
        """Return the ranking of a belief; equal probabilities keep the order of the vocabulary."""
        chances = belief.per_site()
        named = dict(zip(sites(), chances.tolist(), strict=True))
        order = sorted(named, key=lambda site: -steady_share(named[site]))
        group = first_group(chances)
        by_pattern = zip(patterns(), belief.per_pattern().tolist(), strict=True)
        return cls(
            sites=named,
            groups={name: sum(named[site] for site in entry.sites) for name, entry in groups().items()},
            patterns={pattern.key: chance for pattern, chance in by_pattern},
            lesions=tuple(site for site in order if site != NO_LESION),
            first_group=group,
            leader=next(site for site in order if sites()[site].group == group),
            runner_up=next(site for site in order if site != NO_LESION and sites()[site].group != group),
        )

    @property
    def other_levels(self) -> tuple[str, ...]:
        """The best site of every other level group that has a lesion, the runner-up first."""
        best: dict[str, str] = {}
        for site in self.lesions:
            best.setdefault(sites()[site].group, site)
        return tuple(site for group, site in best.items() if group != sites()[self.leader].group)

    @property
    def other_sites(self) -> frozenset[str]:
        """Every site outside the leader's level group."""
        return frozenset(site for site in sites() if sites()[site].group != self.first_group)

    @property
    def rivals(self) -> tuple[str, ...]:
        """The leader and every site that is not yet set apart from it."""
        least = read("instrument")["placing"]["rival"] * self.sites[self.leader]
        others = [site for site in self.lesions if site != self.leader and self.sites[site] >= least]
        return (self.leader, *others)

    def detail(self, site: str) -> str:
        """Return the likeliest named detail of a site, empty where it has none or none stands out."""
        chances: dict[str, float] = {}
        for pattern in patterns():
            if pattern.site == site:
                chances[pattern.detail] = chances.get(pattern.detail, 0.0) + self.patterns[pattern.key]
        best = max(chances, key=lambda detail: chances[detail])
        return best if chances[best] > sum(chances.values()) / 2.0 else ""


@cache
def _membership() -> Array:
    """Return which site (column) belongs to which level group (row)."""
    rows = [[float(site.group == group) for site in sites().values()] for group in groups()]
    return np.array(rows)


def first_group(chances: Array) -> str:
    """Return the level group with the highest probability; of equal ones the first."""
    return list(groups())[int(np.argmax(np.round(_membership() @ chances, DECIMALS)))]


def best_sites(joint: Array) -> tuple[str, ...]:
    """Return the best site of the best level group per column of P(site, outcome); of equals, the first."""
    order = list(sites())
    after = joint / joint.sum(axis=0)
    best = np.argmax(np.round(_membership() @ after, DECIMALS), axis=0)
    inside = np.where(_membership()[best].T > 0.0, np.round(after, DECIMALS), -1.0)
    return tuple(order[place] for place in np.argmax(inside, axis=0).tolist())
