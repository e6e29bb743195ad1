"""What would help: untested findings by how much they would tell, the next best tests, what would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from localization.catalogue import Finding, catalogue
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.likelihood import Likelihood, likelihood, weighs
from localization.posterior import Belief
from localization.ranking import Ranking, best_sites
from localization.redflags import KNOWN_BEFORE
from localization.report import Missing, NextTest
from localization.sites import in_sentence, sites
from localization.states import Array, states

LABORATORY = "laboratory"
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
    """An untested finding: P(outcome, site) as an array (sites × outcomes) and its gain in bits."""

    finding: Finding
    outcomes: tuple[str, ...]
    joint: Array
    firsts: tuple[str, ...]
    rival: str
    gain: float

    @property
    def pace(self) -> float:
        """Gain in bits per minute of examination."""
        return self.gain / self.finding.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All untested findings that bear on the site, the most telling first."""

    ranking: Ranking
    prospects: tuple[Prospect, ...]

    @classmethod
    def of(cls, findings: Findings, belief: Belief, ranking: Ranking) -> Outlook:
        """Return the outlook after a belief: what every untested finding could still say."""
        least = read("instrument")["placing"]["smallest_gain"]
        weights = Weights(belief)
        found = (
            _prospect(finding, weights, ranking)
            for name, finding in catalogue().findings.items()
            if weighs(name) and name not in KNOWN_BEFORE and not _tested(findings, finding)
        )
        bearing = [prospect for prospect in found if prospect.gain >= least]
        return cls(ranking=ranking, prospects=tuple(sorted(bearing, key=lambda prospect: -prospect.gain)))

    def missing(self) -> tuple[Missing, ...]:
        """Return every untested finding that bears on the site, as sentences."""
        form = read("wording")["answer"]["missing"]
        return tuple(
            Missing(
                finding=prospect.finding.id,
                text=form.format(finding=prospect.finding.label, **self._pair_names(prospect)),
            )
            for prospect in self.prospects
        )

    def next_tests(self) -> tuple[NextTest, ...]:
        """Return the bedside tests worth doing next, best first by gain per minute."""
        shown = read("instrument")["placing"]["tests_shown"]
        return tuple(self._next_test(prospect) for prospect in self._bedside()[:shown])

    def labels(self, count: int) -> str:
        """Return the labels of the best `count` bedside tests, joined."""
        join: str = read("wording")["answer"]["list"]
        return join.join(prospect.finding.label for prospect in self._bedside()[:count])

    def what_would_change(self) -> str:
        """Return the untested finding most likely to bring another level to the front, as a sentence."""
        swaps = [swap for prospect in self._bedside() for swap in self._swaps(prospect)]
        if not swaps:
            return ""
        _, prospect, outcome, site = max(swaps, key=lambda swap: swap[0])
        form: str = read("wording")["answer"]["change_untested"]
        value = outcome_words(prospect.finding, outcome)
        return form.format(finding=prospect.finding.label, value=value, site=_name(site))

    def _bedside(self) -> list[Prospect]:
        bedside = [prospect for prospect in self.prospects if prospect.finding.position != LABORATORY]
        return sorted(bedside, key=lambda prospect: -prospect.pace)

    def _next_test(self, prospect: Prospect) -> NextTest:
        finding = prospect.finding
        return NextTest(
            finding=finding.id,
            gain_bits=prospect.gain,
            minutes=finding.minutes,
            position=finding.position,
            position_label=catalogue().position(finding.position).label,
            why=self._why(prospect),
        )

    def _why(self, prospect: Prospect) -> str:
        words = read("wording")["answer"]
        toward, away = self._telling_outcomes(prospect)
        sentences = [self._if_then(prospect, outcome) for outcome in (toward, away)]
        separates = words["separates"].format(**self._pair_names(prospect))
        if all(self._first_after(prospect, outcome) == self.ranking.leader for outcome in (toward, away)):
            return str(words["why_stays"].format(separates=separates, site=_name(self.ranking.leader)))
        why: str = words["why"].format(
            separates=separates, first=sentences[0], second=sentences[1][0].lower() + sentences[1][1:]
        )
        return why

    def _if_then(self, prospect: Prospect, outcome: str) -> str:
        words = read("wording")["answer"]
        site = self._first_after(prospect, outcome)
        form: str = words["stays" if site == self.ranking.leader else "if_then"]
        return form.format(value=outcome_words(prospect.finding, outcome), site=_name(site))

    def _first_after(self, prospect: Prospect, outcome: str) -> str:
        return prospect.firsts[prospect.outcomes.index(outcome)]

    def _telling_outcomes(self, prospect: Prospect) -> tuple[str, str]:
        """Return the outcome that speaks most for the rival, and the one that speaks most for the leader."""
        order = list(sites())
        places = [order.index(self.ranking.leader), order.index(prospect.rival)]
        odds = prospect.joint[places[1]] / prospect.joint[places[0]]
        return prospect.outcomes[int(np.argmax(odds))], prospect.outcomes[int(np.argmin(odds))]

    def _pair_names(self, prospect: Prospect) -> Mapping[str, str]:
        return {"site_a": _name(self.ranking.leader), "site_b": _name(prospect.rival)}

    def _swaps(self, prospect: Prospect) -> list[tuple[float, Prospect, str, str]]:
        """Return the outcomes that would bring another level to the front, with their probability."""
        least = read("instrument")["placing"]["least_likely_swap"]
        found = []
        for place, outcome in enumerate(prospect.outcomes):
            site, chance = prospect.firsts[place], float(prospect.joint[:, place].sum())
            if sites()[site].group != sites()[self.ranking.leader].group and chance >= least:
                found.append((chance, prospect, outcome, site))
        return found


def _name(site: str) -> str:
    return in_sentence(sites()[site].label)


def outcome_words(finding: Finding, outcome: str) -> str:
    """Return the words for an outcome of a test; grades are told as weak or full."""
    words = read("wording")["answer"]
    if finding.scale.id == GRADED:
        return str(words["strong" if outcome == GRADED_FULL else "weak"])
    return in_sentence(finding.value_label(outcome))


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
    return Prospect(
        finding=finding,
        outcomes=outcomes,
        joint=told,
        firsts=best_sites(told),
        rival=_rival(told, ranking),
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
