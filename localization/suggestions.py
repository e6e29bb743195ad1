"""What would help, as sentences: what is missing, the next best tests, what would change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localization.catalogue import Finding, catalogue
from localization.findings import Findings
from localization.knowledge import read
from localization.posterior import Belief
from localization.prospects import GRADED, GRADED_FULL, Prospect, prospects
from localization.ranking import Ranking
from localization.report import Missing, NextTest
from localization.sites import in_sentence, sites

LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All untested findings that bear on the site, the most telling first."""

    ranking: Ranking
    prospects: tuple[Prospect, ...]

    @classmethod
    def of(cls, findings: Findings, belief: Belief, ranking: Ranking) -> Outlook:
        """Return the outlook after a belief: what every untested finding could still say."""
        return cls(ranking=ranking, prospects=prospects(findings, belief, ranking))

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
        telling = (prospect.toward, prospect.away)
        sentences = [self._if_then(prospect, outcome) for outcome in telling]
        separates = words["separates"].format(**self._pair_names(prospect))
        if all(prospect.first_after(outcome) == self.ranking.leader for outcome in telling):
            return str(words["why_stays"].format(separates=separates, site=_name(self.ranking.leader)))
        why: str = words["why"].format(
            separates=separates, first=sentences[0], second=sentences[1][0].lower() + sentences[1][1:]
        )
        return why

    def _if_then(self, prospect: Prospect, outcome: str) -> str:
        words = read("wording")["answer"]
        site = prospect.first_after(outcome)
        form: str = words["stays" if site == self.ranking.leader else "if_then"]
        return form.format(value=outcome_words(prospect.finding, outcome), site=_name(site))

    def _pair_names(self, prospect: Prospect) -> Mapping[str, str]:
        return {"site_a": _name(self.ranking.leader), "site_b": _name(prospect.rival)}

    def _swaps(self, prospect: Prospect) -> list[tuple[float, Prospect, str, str]]:
        """Return the outcomes that would bring another level to the front, with their probability."""
        least = read("instrument")["placing"]["least_likely_swap"]
        found = []
        for outcome, site, chance in zip(prospect.outcomes, prospect.firsts, prospect.chances, strict=True):
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
