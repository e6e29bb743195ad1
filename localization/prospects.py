"""What every untested finding could still say: P(site, outcome), its gain in bits, what it tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from localization.catalogue import Finding, catalogue
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.likelihood import Likelihood, likelihood, weighs
from localization.posterior import Belief
from localization.ranking import Ranking, best_sites
from localization.redflags import KNOWN_BEFORE
from localization.sites import sites
from localization.states import Array, states

GRADED, GRADED_FULL = "mrc", "5"


class Weights:
    """The hidden states' weights, summed over the axes that a table does not depend on, each sum kept."""

    def __init__(self, belief: Belief) -> None:
        self._whole = (belief.typical, belief.atypical)
        self._summed: dict[tuple[int, ...], tuple[Array, Array]] = {}

    def per_site(self, table: Likelihood) -> Array:
        """Return P(site, value) before the test."""
        idle = tuple(axis for axis in range(1, self._whole[0].ndim) if table.typical.shape[axis] == 1)
        if idle not in self._summed:
            typical, atypical = (part.sum(axis=idle, keepdims=True) for part in self._whole)
            self._summed[idle] = typical[..., np.newaxis], atypical[..., np.newaxis]
        typical, atypical = self._summed[idle]
        total = typical * table.typical + atypical * table.atypical
        by_lesion = total.sum(axis=tuple(range(1, total.ndim - 1)))
        result: Array = np.add.reduceat(by_lesion, states().site_starts, axis=0)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """An untested finding: P(site, outcome) as an array (sites × outcomes) and its gain in bits.

    `firsts` holds the site that would lead after each outcome; `rival` the site from which the test tells
    the leader best; `toward` and `away` the outcomes that speak most for that rival and for the leader.
    """

    finding: Finding
    outcomes: tuple[str, ...]
    joint: Array
    firsts: tuple[str, ...]
    chances: tuple[float, ...]
    rival: str
    toward: str
    away: str
    gain: float

    def first_after(self, outcome: str) -> str:
        """Return the site that would lead after this outcome."""
        return self.firsts[self.outcomes.index(outcome)]

    @property
    def pace(self) -> float:
        """Gain in bits per minute of examination."""
        return self.gain / self.finding.minutes


def prospects(findings: Findings, belief: Belief, ranking: Ranking) -> tuple[Prospect, ...]:
    """Return every untested finding that bears on the site after a belief, the most telling first."""
    least = read("instrument")["placing"]["smallest_gain"]
    weights = Weights(belief)
    found = (
        _prospect(finding, weights, ranking)
        for name, finding in catalogue().findings.items()
        if weighs(name) and name not in KNOWN_BEFORE and not _tested(findings, finding)
    )
    bearing = [prospect for prospect in found if prospect.gain >= least]
    return tuple(sorted(bearing, key=lambda prospect: -prospect.gain))


def _tested(findings: Findings, finding: Finding) -> bool:
    """Return whether a finding needs no further test: recorded once, or on the weaker leg."""
    if not finding.sided or finding.id in read("instrument")["placing"]["either_leg"]:
        return findings.has(finding.id)
    return finding.id in findings.index_values


def _prospect(finding: Finding, weights: Weights, ranking: Ranking) -> Prospect:
    leg: Leg | None = "index" if finding.sided else None
    table = likelihood(finding.id, leg)
    joint = weights.per_site(table)
    joint /= joint.sum()
    expected = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    gain = float((joint * np.log2(joint / expected)).sum())
    outcomes, told = _merged(finding, table.values, joint)
    rival = _rival(told, ranking)
    toward, away = _telling(told, ranking.leader, rival)
    return Prospect(
        finding=finding,
        outcomes=outcomes,
        joint=told,
        firsts=best_sites(told),
        chances=tuple(told.sum(axis=0).tolist()),
        rival=rival,
        toward=outcomes[toward],
        away=outcomes[away],
        gain=max(gain, 0.0),
    )


def _merged(finding: Finding, values: tuple[str, ...], joint: Array) -> tuple[tuple[str, ...], Array]:
    """Return outcomes as an examiner thinks of them: a grade is weak or full, feeling normal or not."""
    if finding.scale.id == GRADED:
        weak = joint[:, :-1].sum(axis=1, keepdims=True)
        return (values[0], GRADED_FULL), np.concatenate([weak, joint[:, -1:]], axis=1)
    merge = read("instrument")["placing"]["merge"].get(finding.scale.id)
    if merge is None:
        return values, joint
    kept = [value for value in values if value not in merge]
    columns = [
        joint[:, [place for place, other in enumerate(values) if merge.get(other, other) == value]].sum(
            axis=1
        )
        for value in kept
    ]
    return tuple(kept), np.stack(columns, axis=1)


def _rival(joint: Array, ranking: Ranking) -> str:
    """Return the listed site from which this finding tells the leader best."""
    order = list(sites())
    others = [site for site in ranking.lesions if site != ranking.leader]
    others = others[: read("instrument")["placing"]["ranked_most"]]
    chance = joint.sum(axis=1, keepdims=True)
    given = joint / chance
    apart = np.abs(given - given[order.index(ranking.leader)]).sum(axis=1) * chance[:, 0]
    return max(others, key=lambda site: float(apart[order.index(site)]))


def _telling(joint: Array, leader: str, rival: str) -> tuple[int, int]:
    """Return the place of the outcome that speaks most for the rival, and most for the leader."""
    order = list(sites())
    odds = joint[order.index(rival)] / joint[order.index(leader)]
    return int(np.argmax(odds)), int(np.argmin(odds))
