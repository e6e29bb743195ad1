"""The order of sites and level groups after the findings, and which are not yet set apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localization.anatomy import patterns
from localization.knowledge import read
from localization.posterior import Belief
from localization.sites import groups, sites

NO_LESION = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Probabilities per site, group and pattern, and the orders that follow from them."""

    sites: Mapping[str, float]
    groups: Mapping[str, float]
    patterns: Mapping[str, float]
    order: tuple[str, ...]

    @classmethod
    def of(cls, belief: Belief) -> Ranking:
        """Return the ranking of a belief; equal probabilities keep the order of the vocabulary."""
        chances = dict(zip(sites(), (float(chance) for chance in belief.per_site()), strict=True))
        by_pattern = zip(patterns(), belief.per_pattern(), strict=True)
        return cls(
            sites=chances,
            groups={name: sum(chances[site] for site in group.sites) for name, group in groups().items()},
            patterns={pattern.key: float(chance) for pattern, chance in by_pattern},
            order=tuple(sorted(chances, key=lambda site: -chances[site])),
        )

    @property
    def lesions(self) -> tuple[str, ...]:
        """The sites in order, without the answer that there is no foot drop."""
        return tuple(site for site in self.order if site != NO_LESION)

    @property
    def first_group(self) -> str:
        """The level group with the highest probability."""
        return max(self.groups, key=lambda name: self.groups[name])

    @property
    def leader(self) -> str:
        """The best site of the best group: levels first, the site second."""
        return next(site for site in self.order if sites()[site].group == self.first_group)

    @property
    def runner_up(self) -> str:
        """The best site of any other level group."""
        return next(site for site in self.lesions if sites()[site].group != sites()[self.leader].group)

    @property
    def other_levels(self) -> tuple[str, ...]:
        """The best site of every other level group that has a lesion, the runner-up first."""
        best: dict[str, str] = {}
        for site in self.lesions:
            best.setdefault(sites()[site].group, site)
        return tuple(site for group, site in best.items() if group != sites()[self.leader].group)

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
