"""From findings to the report, top to bottom: believe, rank, place, give reasons, say what would help."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

from localization import placing, reasons, suggestions, wording
from localization.alternatives import alternatives
from localization.findings import Findings
from localization.knowledge import knowledge_version
from localization.pairs import best_pair
from localization.posterior import believe, facts_of
from localization.ranking import Ranking
from localization.redflags import red_flags
from localization.report import Report
from localization.tripwire import central_tripwire

ENGINE = "0.2.0"


def answer(
    findings: Findings, *, setting: str, position: str = "", set_aside: Collection[str] = ()
) -> Report:
    """Return the whole report; the same arguments always give the same report."""
    facts = facts_of(findings)
    belief = believe(facts, setting)
    ranking = Ranking.of(belief)
    without = reasons.leave_one_out(facts, belief)
    poor = reasons.poorly_predicted(ranking, without)
    unexplained = reasons.unexplained(poor)
    placement = placing.place(findings, ranking, poor)
    leading = placing.leading(placement, ranking)
    of_leader = reasons.for_leader(findings, ranking, without)
    outlook = suggestions.Outlook.of(findings, belief, ranking, position, set_aside)
    tried = alternatives(findings, facts, belief, ranking)
    pair = best_pair(findings, facts, ranking, unexplained, setting)
    second = wording.second_lesion(findings, placement, pair)
    settled = leading is not None and outlook.settled
    flags = red_flags(findings)
    return Report(
        posterior=MappingProxyType(dict(ranking.sites)),
        groups=MappingProxyType(dict(ranking.groups)),
        placement=placement,
        leading=leading,
        headline=wording.headline(findings, placement, ranking, poor, outlook),
        notices=wording.notices(findings, leading, ranking, unexplained, second, flags),
        levels=reasons.ranked_levels(placement, ranking),
        ranked=reasons.ranked_sites(findings, placement, ranking, without, of_leader),
        possible=ranking.rivals,
        not_apart=wording.not_apart(ranking, outlook),
        reasons=of_leader,
        missing=outlook.missing(),
        unexplained=tuple(reasons.cited(findings, item.fact) for item in unexplained),
        red_flags=flags,
        tripwire=central_tripwire(findings),
        second_lesion=second,
        next_tests=outlook.next_tests(),
        settled=settled,
        stop_signal=wording.stop_signal(findings, settled=settled, set_aside=outlook.set_aside),
        changes=outlook.changes(tried, findings),
        stable=placing.stability(tried),
        engine=ENGINE,
        knowledge=knowledge_version(),
    )
