"""Why: what each finding did to the odds, by leaving it out of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from localization.catalogue import catalogue
from localization.findings import Findings
from localization.knowledge import read
from localization.likelihood import rule_of
from localization.posterior import Belief, Fact
from localization.ranking import NO_LESION, Ranking
from localization.redflags import Cited, cite
from localization.report import Placement, RankedLevel, RankedSite, Reason
from localization.sites import Band, band_of, bands, groups, in_sentence, sites
from localization.ties import steady

PLACED: tuple[Placement, ...] = ("placed", "group", "undecided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """One fact, with the sites' probabilities without it, and how probable it was, given the others."""

    fact: Fact
    chances: Mapping[str, float]
    predicted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """A fact that the leading site predicts poorly: its `ratio` to the site that predicts it best.

    `explained_by` holds the sites that predict it about as well as the best one.
    """

    fact: Fact
    ratio: float
    explained_by: frozenset[str]


def leave_one_out(facts: tuple[Fact, ...], belief: Belief) -> tuple[Without, ...]:
    """Return for each fact what the rest of the facts say."""
    found = []
    for fact in facts:
        chances, predicted = belief.without(fact)
        named = dict(zip(sites(), chances.tolist(), strict=True))
        found.append(Without(fact=fact, chances=named, predicted=predicted))
    return tuple(found)


def poorly_predicted(ranking: Ranking, without: tuple[Without, ...]) -> tuple[Unexplained, ...]:
    """Return the facts that the leading site predicts worse than another site does, the worst first."""
    least = read("instrument")["placing"]["poorly_predicted"]
    found = []
    for item in without:
        predicted = _predicted(ranking, item)
        best = max(predicted, key=lambda site: predicted[site])
        ratio = predicted[ranking.leader] / predicted[best]
        if ratio < least:
            near = read("instrument")["placing"]["poorly_predicted"] * predicted[best]
            good = frozenset(site for site in predicted if predicted[site] >= near)
            found.append(Unexplained(fact=item.fact, ratio=ratio, explained_by=good))
    return tuple(sorted(found, key=lambda item: steady(item.ratio)))


def unexplained(poor: tuple[Unexplained, ...]) -> tuple[Unexplained, ...]:
    """Return those of the poorly predicted facts that the leading site does not explain at all."""
    least = read("instrument")["placing"]["unexplained"]
    return tuple(item for item in poor if item.ratio < least)


def _predicted(ranking: Ranking, item: Without) -> dict[str, float]:
    """Return P(the fact's value | site, the other facts) for every site."""
    return {site: item.predicted * ranking.sites[site] / item.chances[site] for site in sites()}


def conflict(poor: tuple[Unexplained, ...]) -> float:
    """Return how strongly the facts contradict the leading site, in powers of ten; one alone does not."""
    total = sum(-float(np.log10(item.ratio)) for item in poor)
    return total if len(poor) > 1 else 0.0


def weight(ranking: Ranking, item: Without, site: str, against: str) -> float:
    """Return the change in log odds of `site` against `against` that the fact brings, in nats."""
    now = np.log(ranking.sites[site]) - np.log(ranking.sites[against])
    before = np.log(item.chances[site]) - np.log(item.chances[against])
    return float(now - before)


def for_leader(findings: Findings, ranking: Ranking, without: tuple[Without, ...]) -> tuple[Reason, ...]:
    """Return the reasons for and against the leader, measured against the best site of another level.

    A finding that does not tell these two apart is measured against the level that it tells apart best.
    """
    clear = read("instrument")["placing"]["clear_weight"]
    levels = ranking.other_levels
    found = []
    for item in without:
        weights = {rival: weight(ranking, item, ranking.leader, rival) for rival in levels}
        against = ranking.runner_up
        if abs(weights[against]) < clear:
            against = max(weights, key=lambda rival: steady(weights[rival]))
            against = against if weights[against] >= clear else ranking.runner_up
        found.append((weights[against], item.fact, against))
    return _worded(findings, ranking.leader, found)


def reasons_between(
    findings: Findings, ranking: Ranking, without: tuple[Without, ...], site: str, against: str
) -> tuple[Reason, ...]:
    """Return what each finding does for `site` against another site, weightiest first."""
    return _worded(
        findings, site, [(weight(ranking, item, site, against), item.fact, against) for item in without]
    )


def _worded(findings: Findings, site: str, weighed: list[tuple[float, Fact, str]]) -> tuple[Reason, ...]:
    least = read("instrument")["placing"]["smallest_weight"]
    found = [
        _reason(findings, fact, site, against, nats) for nats, fact, against in weighed if abs(nats) >= least
    ]
    return tuple(sorted(found, key=lambda reason: -steady(abs(reason.weight))))


def ranked_levels(placement: Placement, ranking: Ranking) -> tuple[RankedLevel, ...]:
    """Return the level groups that earn a band, best first; none is earned while no level may be named."""
    if placement not in PLACED:
        return ()
    order = sorted(ranking.groups, key=lambda name: -ranking.groups[name])
    return tuple(
        RankedLevel(
            group=name,
            label=groups()[name].label,
            where=groups()[name].where,
            band=band_of(ranking.groups[name]),
        )
        for name in order
        if ranking.groups[name] >= _lowest().minimum and NO_LESION not in groups()[name].sites
    )


def ranked_sites(
    findings: Findings,
    placement: Placement,
    ranking: Ranking,
    without: tuple[Without, ...],
    of_leader: tuple[Reason, ...],
) -> tuple[RankedSite, ...]:
    """Return the sites worth showing, best first, each with what speaks for and against it.

    `of_leader` holds the leader's reasons, which the report lists by themselves as well.
    """
    rules = read("instrument")["placing"]
    order = (ranking.leader, *(site for site in ranking.lesions if site != ranking.leader))
    listed = [site for site in order if ranking.sites[site] >= _lowest().minimum]
    count = min(max(len(listed), rules["ranked_least"]), rules["ranked_most"])
    found = [_ranked(placement, ranking, ranking.leader, of_leader)]
    for site in order[1:count]:
        against_leader = reasons_between(findings, ranking, without, site, ranking.leader)
        found.append(_ranked(placement, ranking, site, against_leader))
    return tuple(found)


def _ranked(placement: Placement, ranking: Ranking, site: str, found: tuple[Reason, ...]) -> RankedSite:
    return RankedSite(
        site=site,
        detail=ranking.detail(site),
        label=sites()[site].label,
        where=sites()[site].details.get(ranking.detail(site), sites()[site].where),
        band=_band(placement, ranking.sites[site]),
        for_=tuple(reason for reason in found if reason.favours),
        against=tuple(reason for reason in found if not reason.favours),
    )


def _band(placement: Placement, chance: float) -> Band:
    """Return the band of a listed site; none is earned while no level may be named."""
    if placement not in PLACED:
        return bands()[-1]
    return band_of(max(chance, _lowest().minimum))


def _lowest() -> Band:
    return bands()[-2]


def cited(findings: Findings, fact: Fact) -> Cited:
    """Return a fact as texts quote it."""
    return cite(findings, fact.finding, fact.leg, fact.value)


def _reason(findings: Findings, fact: Fact, site: str, against: str, nats: float) -> Reason:
    quoted = cited(findings, fact)
    form = read("wording")["answer"]["reason_for" if nats > 0 else "reason_against"]
    return Reason(
        finding=fact.finding,
        leg=fact.leg,
        side=quoted.side,
        value=fact.value,
        site=site,
        against=against,
        weight=nats,
        rule=rule_of(fact.finding),
        source=rule_sources(fact.finding),
        text=form.format(finding=quoted.text, site=_name(site), other=_name(against)),
        favours=nats > 0,
    )


@cache
def _name(site: str) -> str:
    return in_sentence(sites()[site].label)


@cache
def rule_sources(finding: str) -> tuple[str, ...]:
    """Return the sources of the rule that predicts a finding, then those of how it is tested."""
    kind = rule_of(finding).partition(".")[0]
    own: list[str] = []
    for file in ("anatomy", "likelihoods"):
        entry = read(file).get(kind, {}).get(finding, {}) if isinstance(read(file).get(kind), dict) else {}
        if isinstance(entry, dict):
            own += entry.get("source", [])
            own += [row["source"] for row in entry.get("published", [])]
    shared = read("instrument").get(kind, {})
    own += shared.get("source", []) if isinstance(shared, dict) else []
    tested = [source for source in catalogue()[finding].source if source != "general_knowledge"]
    return tuple(dict.fromkeys((*own, *tested))) or ("general_knowledge",)
