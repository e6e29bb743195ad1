"""What every untested finding could still say: its outcomes, its gain in bits, what it tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from localization.catalogue import Finding
from localization.findings import Findings
from localization.foresight import candidates, foreseen, outcomes, value_starts
from localization.knowledge import read
from localization.posterior import Belief
from localization.ranking import Ranking, best_sites
from localization.sites import sites
from localization.states import Array
from localization.ties import DECIMALS

HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """An untested finding: its outcomes with their chances, and its gain in bits.

    `firsts` holds the site that would lead after each outcome; `rival` the site from which the test tells
    the leader best; `toward` and `away` the outcomes that speak most for that rival and for the leader.
    An outcome may stand for several values, such as weak for the grades 0 to 4: `turning` is the chance of
    the likeliest single value that would bring another level to the front, 0 where none would.
    """

    finding: Finding
    outcomes: tuple[str, ...]
    firsts: tuple[str, ...]
    chances: tuple[float, ...]
    rival: str
    toward: str
    away: str
    gain: float
    turning: float

    def first_after(self, outcome: str) -> str:
        """Return the site that would lead after this outcome."""
        return self.firsts[self.outcomes.index(outcome)]

    @property
    def pace(self) -> float:
        """Gain in bits per minute of examination."""
        return self.gain / self.finding.minutes


def prospects(findings: Findings, belief: Belief, ranking: Ranking) -> tuple[Prospect, ...]:
    """Return every untested finding that bears on the site after a belief, the most telling first."""
    joint, whole = foreseen(belief.shares), belief.per_site()
    gains = _gains(joint, whole)
    open_ = [not _tested(findings, candidate.finding) for candidate in candidates()]
    bearing = np.flatnonzero(open_ & (gains >= read("instrument")["placing"]["smallest_gain"]))
    told = np.add.reduceat(joint[outcomes().rows], outcomes().starts, axis=0)
    rivals = _rivals(told, whole, ranking)
    firsts, chances = best_sites(told.T), _steady(told.sum(axis=1)).tolist()
    odds = _odds(told, ranking.leader, rivals)
    turning = _turning(joint, ranking)
    found = []
    for place in bearing[np.argsort(-gains[bearing], kind="stable")].tolist():
        names, start = outcomes().names[place], int(outcomes().candidate_starts[place])
        own = slice(start, start + len(names))
        found.append(
            Prospect(
                finding=candidates()[place].finding,
                outcomes=names,
                firsts=firsts[own],
                chances=tuple(chances[own]),
                rival=rivals[place],
                toward=names[int(odds[own].argmax())],
                away=names[int(odds[own].argmin())],
                gain=float(gains[place]),
                turning=float(turning[place]),
            )
        )
    return tuple(found)


def _tested(findings: Findings, finding: Finding) -> bool:
    """Return whether a finding needs no further test: recorded once, or on the weaker leg."""
    if not finding.sided or finding.id in read("instrument")["placing"]["either_leg"]:
        return findings.has(finding.id)
    return finding.id in findings.index_values


def _gains(joint: Array, whole: Array) -> Array:
    """Return what each test tells of the site, in bits, from P(site, value) as values × sites."""
    chance = joint.sum(axis=1, keepdims=True)
    per_value = (joint * np.log2(joint / (chance * whole))).sum(axis=1)
    return np.maximum(_steady(np.add.reduceat(per_value, value_starts())), 0.0)


def _turning(joint: Array, ranking: Ranking) -> Array:
    """Return for each test the chance of its likeliest single value that would put another level first.

    Only values that leave the leading level half or less are asked: with more, it leads.
    """
    chance, others = joint.sum(axis=1), ranking.other_sites
    inside = np.array([site not in others for site in sites()])
    asked = np.flatnonzero(_steady(joint @ inside / chance) <= HALF)
    after = best_sites(joint[asked].T)
    turns = np.zeros(len(joint))
    turns[asked] = [
        figure * (site in others) for figure, site in zip(_steady(chance[asked]), after, strict=True)
    ]
    return np.maximum.reduceat(turns, value_starts())


def _rivals(told: Array, whole: Array, ranking: Ranking) -> tuple[str, ...]:
    """Return for each test the listed site from which it tells the leader best."""
    others = [site for site in ranking.lesions if site != ranking.leader]
    others = others[: read("instrument")["placing"]["ranked_most"]]
    order = list(sites())
    given = told / whole
    leader = order.index(ranking.leader)
    apart = np.abs(given - given[:, leader : leader + 1]) * whole
    by_test = np.add.reduceat(apart, outcomes().candidate_starts, axis=0)
    listed = _steady(by_test[:, [order.index(site) for site in others]])
    return tuple(others[place] for place in listed.argmax(axis=1).tolist())


def _odds(told: Array, leader: str, rivals: tuple[str, ...]) -> Array:
    """Return P(outcome | rival) to P(outcome | leader) up to a factor for each test, outcome by outcome."""
    order = list(sites())
    counts = [len(names) for names in outcomes().names]
    against = np.repeat([order.index(site) for site in rivals], counts)
    return _steady(told[np.arange(len(told)), against] / told[:, order.index(leader)])


def _steady(figures: Array) -> Array:
    """Return figures as they are compared: two that differ only by rounding are equal."""
    return np.round(figures, DECIMALS)
