"""When a level may be named: enough findings, no contradiction, inside the scope, one group that leads."""

from __future__ import annotations

from localization.catalogue import Finding, Value, catalogue
from localization.findings import DECIDING, OTHER_SIDE, Findings
from localization.knowledge import read
from localization.likelihood import weighs
from localization.posterior import Belief, Fact, fact_of
from localization.ranking import NO_LESION, Ranking, first_group
from localization.reasons import Unexplained, conflict
from localization.report import Leading, Placement
from localization.sites import phrases, sites

EXAMINED = ("strength", "sensation", "reflexes", "provocation", "gait", "electrodiagnosis")
NAMED: tuple[Placement, ...] = ("placed", "group")


def place(findings: Findings, ranking: Ranking, poor: tuple[Unexplained, ...]) -> Placement:
    """Return whether a level may be named, and if not why."""
    rules = read("instrument")["placing"]
    if _full_on_both(findings):
        return "no_foot_drop"
    age = findings.unsided.get("age")
    if age is not None and float(age) < rules["adult_age"]:
        return "scope"
    if _too_few(findings):
        return "too_few"
    if conflict(poor) >= rules["conflict"] + rules["conflict_per_fact"] * findings.count:
        return "contradiction"
    if ranking.groups[ranking.first_group] < rules["group_leads"] or ranking.leader == NO_LESION:
        return "undecided"
    return "placed" if ranking.sites[ranking.leader] >= rules["site_leads"] else "group"


def leading(placement: Placement, ranking: Ranking) -> Leading | None:
    """Return the leading site, None when no level may be named."""
    if placement not in NAMED:
        return None
    site = ranking.leader
    return Leading(site=site, detail=ranking.detail(site), group=sites()[site].group)


def _full_on_both(findings: Findings) -> bool:
    grades = [leg.get(DECIDING) for leg in (findings.left, findings.right)]
    return all(grade is not None and catalogue()[DECIDING].state_of(grade) == "normal" for grade in grades)


def _too_few(findings: Findings) -> bool:
    """Return whether too little was examined: history alone does not place a lesion."""
    rules = read("instrument")["placing"]
    examined = [
        name
        for name, finding in catalogue().findings.items()
        if finding.group in EXAMINED and findings.has(name) and weighs(name)
    ]
    shown = any(findings.has(name) for name in rules["shows_drop"])
    return len(examined) < rules["minimum_findings"] or not shown


def stability(findings: Findings, ranking: Ranking, facts: tuple[Fact, ...], belief: Belief) -> str:
    """Return how often the leading level survives when one grade is a step higher or lower."""
    kept = tried = 0
    for fact in facts:
        finding = catalogue()[fact.finding]
        if finding.group != "strength" or fact.leg is None:
            continue
        for token in _neighbours(finding, fact.value):
            chances = belief.changed(fact, fact_of(findings, fact.finding, fact.leg, token))
            tried += 1
            kept += first_group(chances) == ranking.first_group
    return phrases()["grade_step"].format(kept=kept, tried=tried) if tried else ""


def _neighbours(finding: Finding, value: Value) -> tuple[str, ...]:
    """Return the offered grades next to this one; a weakness without a grade has none."""
    rank = finding.scale.value(str(value)).rank
    if rank is None:
        return ()
    offered = [entry for entry in finding.scale.values if entry.offered and entry.rank is not None]
    lower = [entry.token for entry in offered if (entry.rank or 0.0) < rank]
    higher = [entry.token for entry in offered if (entry.rank or 0.0) > rank]
    return (*lower[-1:], *higher[:1])


def both_weak(findings: Findings) -> bool:
    """Return whether dorsiflexion was found weak in both legs."""
    other = findings.leg(OTHER_SIDE[findings.index])
    return all(
        name in leg and catalogue()[name].state_of(leg[name]) == "abnormal"
        for name in (DECIDING,)
        for leg in (findings.index_values, other)
    )
