"""What would help, as sentences: what is missing, the next best tests, what would change the answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from localization.alternatives import Alternative
from localization.catalogue import Finding, catalogue
from localization.findings import Findings
from localization.foresight import GRADED, GRADED_FULL
from localization.knowledge import read
from localization.posterior import Belief
from localization.prospects import Prospect, prospects
from localization.ranking import Ranking
from localization.redflags import cite
from localization.report import Missing, NextTest
from localization.sites import in_sentence, sites

LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All untested findings that bear on the site, the most telling first.

    `bedside` holds those that need no laboratory in the order in which they repay the patient's time: first
    those that can change the answer, then by gain per minute, turning the patient counted. `set_aside` holds
    those that are not to be tested: they help as ever, and are no next test.
    """

    ranking: Ranking
    prospects: tuple[Prospect, ...]
    bedside: tuple[Prospect, ...]
    set_aside: tuple[Prospect, ...] = ()

    @classmethod
    def of(
        cls,
        findings: Findings,
        belief: Belief,
        ranking: Ranking,
        position: str = "",
        set_aside: Collection[str] = (),
    ) -> Outlook:
        """Return the outlook after a belief, for a patient in this position.

        An empty position is not known: then no test costs a change of position. The findings of `set_aside`
        are not to be tested.
        """
        found = prospects(findings, belief, ranking)
        bedside = [prospect for prospect in found if prospect.finding.position != LABORATORY]
        bedside.sort(key=lambda prospect: (not can_change(prospect, ranking), -pace(prospect, position)))
        return cls(
            ranking=ranking,
            prospects=found,
            bedside=tuple(bedside),
            set_aside=tuple(prospect for prospect in bedside if prospect.finding.id in set_aside),
        )

    @property
    def doable(self) -> tuple[Prospect, ...]:
        """The bedside tests that are not set aside, in their order."""
        return tuple(prospect for prospect in self.bedside if prospect not in self.set_aside)

    def missing(self) -> tuple[Missing, ...]:
        """Return every untested finding that bears on the site, as sentences."""
        form = read("wording")["answer"]["missing"]
        return tuple(
            Missing(
                finding=prospect.finding.id,
                text=form.format(**_what(prospect.finding), **self._pair_names(prospect)),
            )
            for prospect in self.prospects
        )

    def next_tests(self) -> tuple[NextTest, ...]:
        """Return the bedside tests worth doing next; one that what is known implies already is left out."""
        least, shown = _next()["least_gain_bits"], read("instrument")["placing"]["tests_shown"]
        worth = [prospect for prospect in self.doable if prospect.gain >= least]
        return tuple(self._next_test(prospect) for prospect in worth[:shown])

    def labels(self, count: int) -> str:
        """Return the labels of the best `count` bedside tests, joined."""
        join: str = read("wording")["answer"]["list"]
        return join.join(prospect.finding.label for prospect in self.bedside[:count])

    @property
    def settled(self) -> bool:
        """Whether no single bedside test is expected to bring another level to the front.

        Tests that are set aside are left out. Asked of each value that a test can give, and of what several
        of them are told as, such as weak.
        """
        least = read("answer")["settled"]["least_likely"]
        return not any(prospect.turning >= least or self._swaps(prospect, least) for prospect in self.doable)

    def changes(self, tried: tuple[Alternative, ...], findings: Findings) -> tuple[str, ...]:
        """Return which untested and which recorded finding would bring another level to the front."""
        return tuple(filter(None, (self._untested(), recorded_change(tried, findings))))

    def _untested(self) -> str:
        """Return the untested finding most likely to bring another level to the front, as a sentence."""
        least = read("instrument")["placing"]["least_likely_swap"]
        swaps = [swap for prospect in self.bedside for swap in self._swaps(prospect, least)]
        if not swaps:
            return ""
        _, prospect, outcome, site = max(swaps, key=lambda swap: swap[0])
        form: str = read("wording")["answer"]["change_untested"]
        value = outcome_words(prospect.finding, outcome)
        return form.format(**_what(prospect.finding), value=value, site=_name(site))

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

    def _swaps(self, prospect: Prospect, least: float) -> list[tuple[float, Prospect, str, str]]:
        """Return the outcomes of at least this chance that would bring another level to the front."""
        found = []
        for outcome, site, chance in zip(prospect.outcomes, prospect.firsts, prospect.chances, strict=True):
            if sites()[site].group != self.ranking.first_group and chance >= least:
                found.append((chance, prospect, outcome, site))
        return found


def can_change(prospect: Prospect, ranking: Ranking) -> bool:
    """Return whether an outcome that is not rare brings another site to the front."""
    least = read("instrument")["placing"]["least_likely_swap"]
    outcomes = zip(prospect.firsts, prospect.chances, strict=True)
    return any(site != ranking.leader and chance >= least for site, chance in outcomes)


def pace(prospect: Prospect, position: str) -> float:
    """Return the gain in bits per minute, with the minutes of a change of position where one is needed."""
    finding = prospect.finding
    here = not position or position in {finding.position, finding.position_alt}
    return prospect.gain / (finding.minutes + (0.0 if here else _next()["position_minutes"]))


def recorded_change(tried: tuple[Alternative, ...], findings: Findings) -> str:
    """Return the recorded finding whose other value would bring another level to the front, as a sentence.

    A grade one step away comes first, then the value that is likelier given all else. Values that all else
    makes implausible are left out. Empty when none would.
    """
    least = read("answer")["recorded_change"]["least_odds"]
    swaps = [other for other in tried if not other.stays and other.odds >= least]
    if not swaps:
        return ""
    nearest = max(swaps, key=lambda swap: (swap.step, swap.odds))
    fact, finding = nearest.fact, catalogue()[nearest.fact.finding]
    quoted = cite(findings, fact.finding, fact.leg, nearest.value).text
    value = in_sentence(finding.value_label(fact.value))
    form: str = read("wording")["answer"]["change_recorded"]
    return form.format(finding=quoted, value=value, site=_name(nearest.site))


def _next() -> Mapping[str, float]:
    return cast("Mapping[str, float]", read("answer")["next_tests"])


def _name(site: str) -> str:
    return in_sentence(sites()[site].label)


def _what(finding: Finding) -> Mapping[str, str]:
    """Return what is open and what was not done about it: a question is asked, a test done."""
    done = read("wording")["answer"]["done"]
    return {"finding": finding.label, "done": done["question" if finding.ask else "test"]}


def outcome_words(finding: Finding, outcome: str) -> str:
    """Return the words for an outcome of a test; grades are told as weak or full."""
    words = read("wording")["answer"]
    if finding.scale.id == GRADED:
        return str(words["strong" if outcome == GRADED_FULL else "weak"])
    return in_sentence(finding.value_label(outcome))
