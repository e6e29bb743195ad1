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
from localization.ranking import Ranking
from localization.redflags import KNOWN_BEFORE
from localization.report import Missing, NextTest
from localization.sites import in_sentence, sites
from localization.states import Array, states

LABORATORY = "laboratory"
GRADED, GRADED_FULL = "mrc", "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """An untested finding: P(outcome, site) as an array (sites × outcomes) and its gain in bits."""

    finding: Finding
    outcomes: tuple[str, ...]
    joint: Array
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
        found = (
            _prospect(finding, belief)
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
        return _best_site(prospect.joint[:, prospect.outcomes.index(outcome)])

    def _telling_outcomes(self, prospect: Prospect) -> tuple[str, str]:
        """Return the outcome that speaks most for the rival, and the one that speaks most for the leader."""
        first, second = self._pair(prospect)
        places = [list(sites()).index(site) for site in (first, second)]
        odds = prospect.joint[places[1]] / prospect.joint[places[0]]
        return prospect.outcomes[int(np.argmax(odds))], prospect.outcomes[int(np.argmin(odds))]

    def _pair(self, prospect: Prospect) -> tuple[str, str]:
        """Return the leader and the listed site from which this finding tells it best."""
        order = list(sites())
        given = prospect.joint / prospect.joint.sum(axis=1, keepdims=True)
        leader = self.ranking.leader
        others = [site for site in self.ranking.lesions if site != leader]
        others = others[: read("instrument")["placing"]["ranked_most"]]
        apart = {
            site: float(np.abs(given[order.index(site)] - given[order.index(leader)]).sum())
            * self.ranking.sites[site]
            for site in others
        }
        return leader, max(apart, key=lambda site: apart[site])

    def _pair_names(self, prospect: Prospect) -> Mapping[str, str]:
        first, second = self._pair(prospect)
        return {"site_a": _name(first), "site_b": _name(second)}

    def _swaps(self, prospect: Prospect) -> list[tuple[float, Prospect, str, str]]:
        """Return the outcomes that would bring another level to the front, with their probability."""
        least = read("instrument")["placing"]["least_likely_swap"]
        found = []
        for place, outcome in enumerate(prospect.outcomes):
            column = prospect.joint[:, place]
            site = _best_site(column)
            if sites()[site].group != sites()[self.ranking.leader].group and column.sum() >= least:
                found.append((float(column.sum()), prospect, outcome, site))
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


def _prospect(finding: Finding, belief: Belief) -> Prospect:
    leg: Leg | None = "index" if finding.sided else None
    table = likelihood(finding.id, leg)
    joint = _per_site(table, belief)
    outcomes, joint = _merged(finding, table.values, joint / joint.sum())
    expected = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    gain = float((joint * np.log2(joint / expected)).sum())
    return Prospect(finding=finding, outcomes=outcomes, joint=joint, gain=max(gain, 0.0))


def _per_site(table: Likelihood, belief: Belief) -> Array:
    """Return P(site, value) before the test, summed over the hidden states."""
    total: Array = _weighed(table.typical, belief.typical) + _weighed(table.atypical, belief.atypical)
    result: Array = np.add.reduceat(total, states().site_starts, axis=0)
    return result


def _weighed(table: Array, weights: Array) -> Array:
    idle = tuple(axis for axis in range(1, weights.ndim) if table.shape[axis] == 1)
    summed = weights.sum(axis=idle, keepdims=True)[..., np.newaxis] * table
    result: Array = summed.sum(axis=tuple(range(1, weights.ndim)))
    return result


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


def _best_site(column: Array) -> str:
    """Return the best site of the best level group after an outcome."""
    by_site = dict(zip(sites(), column.tolist(), strict=True))
    by_group: dict[str, float] = {}
    for site, chance in by_site.items():
        by_group[sites()[site].group] = by_group.get(sites()[site].group, 0.0) + chance
    group = max(by_group, key=lambda name: by_group[name])
    return max((site for site in by_site if sites()[site].group == group), key=lambda site: by_site[site])
