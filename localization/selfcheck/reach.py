"""Every pattern, site, level group and detail can become the answer to an examination that it predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from localization.anatomy import Pattern, patterns
from localization.catalogue import catalogue
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.likelihood import likelihood, weighs
from localization.posterior import Fact, believe, fact_of
from localization.ranking import Ranking
from localization.redflags import KNOWN_BEFORE
from localization.sites import sites
from localization.states import INNER, Array, states

NOTHING = Findings.build()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One finding, once or on the weaker leg: its values and P(each value | pattern), patterns by values."""

    finding: str
    leg: Leg | None
    values: tuple[str, ...]
    chances: Array

    def fact(self, place: int) -> Fact:
        """Return the finding as recorded with the value at this place."""
        return fact_of(NOTHING, self.finding, self.leg, self.values[place])


Choose = Callable[[Seen], int]


def patterns_speak_for_their_site() -> Iterator[str]:
    """Yield patterns whose own likeliest findings make their site less likely than it was before any."""
    seen, setting = _everything_seen(), _first_setting()
    before = Ranking.of(believe((), setting)).sites
    for place, pattern in enumerate(patterns()):
        after = _ranking(seen, _likeliest(place), setting).sites
        if after[pattern.site] <= before[pattern.site]:
            yield (
                f"patterns.{pattern.key}: the findings that it predicts lower its own site from "
                f"{before[pattern.site]:.3f} to {after[pattern.site]:.3f}; they must raise it"
            )


def sites_can_lead() -> Iterator[str]:
    """Yield sites that come first, with their level group named, in no examination that speaks for them."""
    seen, least = _everything_seen(), read("instrument")["placing"]["group_leads"]
    for setting in read("priors")["prior"]:
        for site in sites():
            own = [place for place, pattern in enumerate(patterns()) if pattern.site == site]
            others = [place for place, pattern in enumerate(patterns()) if pattern.site != site]
            tried = (_ranking(seen, _most_telling(place, others), setting) for place in own)
            if not any(_is_named(found, site, least) for found in tried):
                yield (
                    f"sites.{site}: no examination that speaks for it brings it to the front with its level "
                    f"at {least:g} or more ({setting}); it could never be named"
                )


def _is_named(found: Ranking, site: str, least: float) -> bool:
    return found.leader == site and found.groups[found.first_group] >= least


def details_can_be_named() -> Iterator[str]:
    """Yield details of sites.toml that no pattern has, or that are likeliest in no examination."""
    seen, setting = _everything_seen(), _first_setting()
    for site, entry in sites().items():
        for detail in entry.details:
            own = [place for place, pattern in enumerate(patterns()) if _has(pattern, site, detail)]
            others = [
                place
                for place, pattern in enumerate(patterns())
                if pattern.site == site and pattern.detail != detail
            ]
            if not own:
                yield f"sites.{site}.details.{detail}: no pattern of patterns.toml has this detail"
            elif others and all(
                _ranking(seen, _most_telling(place, others), setting).detail(site) != detail for place in own
            ):
                yield (
                    f"sites.{site}.details.{detail}: no examination makes it likelier than the other details "
                    "of its site together; it could never be named"
                )


def _first_setting() -> str:
    return str(next(iter(read("priors")["prior"])))


def _has(pattern: Pattern, site: str, detail: str) -> bool:
    return pattern.site == site and pattern.detail == detail


def _everything_seen() -> tuple[Seen, ...]:
    """Return every weighing finding, as seen once or on the weaker leg; age, sex and side are left open."""
    weight = _per_pattern(states().prior)[:, np.newaxis]
    found = []
    for name, finding in catalogue().findings.items():
        if weighs(name) and name not in KNOWN_BEFORE:
            leg: Leg | None = "index" if finding.sided else None
            table = likelihood(name, leg)
            columns = [_per_pattern(states().prior * part) for part in np.moveaxis(table.typical, -1, 0)]
            chances = np.stack(columns, axis=1) / weight
            found.append(Seen(finding=name, leg=leg, values=table.values, chances=chances))
    return tuple(found)


def _per_pattern(figures: Array) -> Array:
    total: Array = np.add.reduceat(figures.sum(axis=INNER), states().pattern_starts)
    return total


def _likeliest(place: int) -> Choose:
    """Return the choice of the value that one pattern makes likeliest."""

    def choose(item: Seen) -> int:
        return int(np.argmax(item.chances[place]))

    return choose


def _most_telling(place: int, others: list[int]) -> Choose:
    """Return the choice of the value that speaks most for one pattern against the others together."""

    def choose(item: Seen) -> int:
        return int(np.argmax(item.chances[place] / item.chances[others].mean(axis=0)))

    return choose


def _ranking(seen: tuple[Seen, ...], choose: Choose, setting: str) -> Ranking:
    return Ranking.of(believe(tuple(item.fact(choose(item)) for item in seen), setting))
