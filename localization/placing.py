"""When a level may be named: enough findings, no contradiction, inside the scope, one group that leads."""

from __future__ import annotations

from localization.alternatives import Alternative
from localization.catalogue import catalogue
from localization.findings import DECIDING, OTHER_SIDE, Findings
from localization.knowledge import read
from localization.likelihood import weighs
from localization.ranking import NO_LESION, Ranking
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
    if not _leads(findings, ranking):
        return "undecided"
    return "placed" if ranking.sites[ranking.leader] >= rules["site_leads"] else "group"


def _leads(findings: Findings, ranking: Ranking) -> bool:
    """Return whether one level group leads with a lesion, and its site has the sign that it needs."""
    least = read("instrument")["placing"]["group_leads"]
    enough = ranking.groups[ranking.first_group] >= least and ranking.leader != NO_LESION
    return enough and _has_its_sign(findings, ranking.leader)


def _has_its_sign(findings: Findings, site: str) -> bool:
    """Return whether a site that is named only on a positive sign of its own has one; others need none."""
    signs = read("instrument")["placing"]["positive_sign"].get(site, ())
    legs = (findings.left, findings.right)
    shown = (
        catalogue()[sign].state_of(leg[sign]) == "abnormal" for sign in signs for leg in legs if sign in leg
    )
    return not signs or any(shown)


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


def stability(tried: tuple[Alternative, ...]) -> str:
    """Return how often the leading level survives when one grade is a step higher or lower."""
    steps = [alternative for alternative in tried if alternative.step]
    kept = sum(alternative.stays for alternative in steps)
    return phrases()["grade_step"].format(kept=kept, tried=len(steps)) if steps else ""


def both_weak(findings: Findings) -> bool:
    """Return whether dorsiflexion was found weak in both legs."""
    other = findings.leg(OTHER_SIDE[findings.index])
    return all(
        name in leg and catalogue()[name].state_of(leg[name]) == "abnormal"
        for name in (DECIDING,)
        for leg in (findings.index_values, other)
    )
