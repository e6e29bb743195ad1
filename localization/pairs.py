"""Two lesions: whether the leader with a site of another level explains what no single site does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from localization.catalogue import catalogue
from localization.findings import DECIDING, Findings, Leg
from localization.knowledge import read
from localization.likelihood import likelihood
from localization.posterior import FORCE, Belief, Fact, believe, fact_of
from localization.ranking import NO_LESION, Ranking
from localization.reasons import Unexplained
from localization.sites import sites
from localization.states import Array

OTHER_LEG: Leg = "contra"
# what is recorded of both legs together; two lesions, each with a leg of its own, leave it open
OF_BOTH = ("side", FORCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The facts as two lesions would share them: those of the first, those the second adds, what is normal.

    `apart` tells that each lesion has a leg of its own, the first the weaker leg, the second the other. The
    facts of the other leg then read as those of a weaker leg, which to the second lesion they are.
    """

    first: tuple[Fact, ...]
    second: tuple[Fact, ...]
    normal: tuple[Fact, ...]
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two sites, how the facts are shared, and P(facts | both sites) to P(facts | the best single site)."""

    first: str
    second: str
    split: Split
    ratio: float


def best_pair(
    findings: Findings,
    facts: tuple[Fact, ...],
    ranking: Ranking,
    left_over: tuple[Unexplained, ...],
    setting: str,
) -> Pair | None:
    """Return the two sites that explain what the leader leaves over, None when no pair does so well enough.

    A second lesion adds signs and takes none away: what is normal must fit both.
    """
    rest = tuple(item.fact for item in left_over)
    if not rest or ranking.leader == NO_LESION:
        return None
    alone = float(_log_joint(facts, setting).max())
    belief = believe(facts, setting)
    added = tuple(fact for fact in rest if _is_more(findings, fact, ranking.leader, belief))
    pairs = [_pair(split, ranking, alone, setting) for split in _splits(findings, facts, rest, added)]
    enough = read("answer")["second_lesion"]["least_ratio"]
    found = [pair for pair in pairs if pair.ratio >= enough and _explains(pair, rest, setting)]
    return max(found, key=lambda pair: pair.ratio, default=None)


def _is_more(findings: Findings, fact: Fact, leader: str, belief: Belief) -> bool:
    """Return whether a fact is a sign more than the leader makes, one that a second lesion can add.

    A grade of 4 is abnormal as well where the leader makes a paralysis, but nothing added to it makes a 4.
    """
    finding, place = catalogue()[fact.finding], list(sites()).index(leader)
    if is_normal(fact) or finding.scale.kind == "number":
        return not is_normal(fact)
    chances = {fact.value: float(belief.per_site()[place])}
    for value in likelihood(fact.finding, fact.leg).values:
        other = fact_of(findings, fact.finding, fact.leg, value)
        chances[value] = float(belief.changed(fact, other)[place] * belief.odds(other, fact))
    own = finding.scale.value(str(fact.value)).rank
    if own is None:
        normal = [chance for value, chance in chances.items() if finding.state_of(value) == "normal"]
        return not normal or sum(normal) > chances[fact.value]
    ranks = {value: finding.scale.value(str(value)).rank or 0.0 for value in chances}
    better = sum(chance for value, chance in chances.items() if ranks[value] > round(own))
    worse = sum(chance for value, chance in chances.items() if ranks[value] < round(own))
    return better > worse


def _splits(
    findings: Findings, facts: tuple[Fact, ...], rest: tuple[Fact, ...], added: tuple[Fact, ...]
) -> Iterable[Split]:
    """Yield the ways to share the facts: what is added on top of the first lesion, or leg by leg."""
    if added:
        yield Split(
            first=tuple(fact for fact in facts if not _among(fact, added)),
            second=added,
            normal=tuple(fact for fact in facts if is_normal(fact)),
            apart=False,
        )
    if any(fact.leg for fact in rest) and any(_shows_drop(fact) for fact in facts):
        moved = tuple(
            _moved(findings, fact) for fact in facts if fact.leg == OTHER_LEG and fact.finding != FORCE
        )
        yield Split(
            first=tuple(fact for fact in facts if fact.leg != OTHER_LEG and fact.finding not in OF_BOTH),
            second=moved,
            normal=tuple(fact for fact in facts if fact.leg is None and is_normal(fact)),
            apart=True,
        )


def _pair(split: Split, ranking: Ranking, alone: float, setting: str) -> Pair:
    """Return the best two sites of different levels for this split, by P(their facts) and their shares.

    The noise of the normal findings stands already in the account of the first site: the second pays only for
    what it makes less normal than a patient without a second lesion.
    """
    order, share = list(sites()), _log_joint((), setting)
    first = _log_joint(split.first, setting)
    lesion = np.array([site != NO_LESION for site in order])
    place = int(np.argmax(np.where(lesion, first, -np.inf))) if split.apart else order.index(ranking.leader)
    healthy = (_log_joint(split.normal, setting) - share)[order.index(NO_LESION)]
    added = _log_joint((*split.second, *split.normal), setting) - share - healthy
    others = np.array([_may_be_second(site, order[place]) for site in order])
    best = int(np.argmax(np.where(others, share + added, -np.inf)))
    return Pair(
        first=order[place],
        second=order[best],
        split=split,
        ratio=float(np.exp(first[place] + added[best] - alone)),
    )


def _explains(pair: Pair, rest: tuple[Fact, ...], setting: str) -> bool:
    """Return whether each lesion explains, among its own facts, the abnormal ones that were left over."""
    split = pair.split
    names = {(fact.finding, fact.leg) for fact in rest if not is_normal(fact)}
    legs: dict[Leg | None, Leg | None] = {"index": OTHER_LEG} if split.apart else {}
    return _all_explained(
        pair.first, split.first, [fact for fact in split.first if (fact.finding, fact.leg) in names], setting
    ) and _all_explained(
        pair.second,
        (*split.second, *split.normal),
        [fact for fact in split.second if (fact.finding, legs.get(fact.leg, fact.leg)) in names],
        setting,
    )


def _all_explained(site: str, facts: tuple[Fact, ...], asked: list[Fact], setting: str) -> bool:
    """Return whether a site predicts each of the facts asked about nearly as well as the best site does."""
    least = read("instrument")["placing"]["unexplained"]
    place, belief = list(sites()).index(site), believe(facts, setting)
    now = belief.per_site()
    for fact in asked:
        chances, _ = belief.without(fact)
        predicted = now / chances
        if predicted[place] < least * predicted.max():
            return False
    return True


def _log_joint(facts: tuple[Fact, ...], setting: str) -> Array:
    """Return log P(site, the facts) for every site, in a clinic of this setting."""
    belief = believe(facts, setting)
    result: Array = np.log(belief.per_site()) + belief.shares.log_evidence
    return result


def _may_be_second(site: str, first: str) -> bool:
    return site != NO_LESION and sites()[site].group != sites()[first].group


def _moved(findings: Findings, fact: Fact) -> Fact:
    """Return a fact of the other leg as the same finding of the weaker leg."""
    return fact_of(findings, fact.finding, "index", fact.value)


def is_normal(fact: Fact) -> bool:
    """Return whether the fact's value is the normal one; what has no normal value is not."""
    return catalogue()[fact.finding].state_of(fact.value) == "normal"


def _shows_drop(fact: Fact) -> bool:
    """Return whether the fact is a drop of the other foot, so that a lesion may be there as well."""
    weak = catalogue()[fact.finding].state_of(fact.value) == "abnormal"
    return fact.finding == DECIDING and fact.leg == OTHER_LEG and weak


def _among(fact: Fact, facts: tuple[Fact, ...]) -> bool:
    return any(fact is other for other in facts)
