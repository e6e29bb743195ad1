"""The whole evaluation as plain data: the engine on published patients, beside simpler methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localization.casefile import Case
from localization.evaluation.baselines import BASELINES, words_of
from localization.evaluation.danger import danger, flags_fired
from localization.evaluation.performance import by_band, by_group, difference, performance, when_sure
from localization.evaluation.scored import Scored
from localization.posterior import posterior


def score(case: Case, setting: str) -> Scored:
    """Return the case with the engine's posterior."""
    return Scored(case=case, chances=posterior(case.findings, setting))


def evaluate(cases: Sequence[Case], setting: str) -> dict[str, Any]:
    """Return all figures as plain data: counted over the strict cases, the weak ones only listed."""
    scored = [score(case, setting) for case in cases]
    counted = [item for item in scored if item.case.strict]
    others = {name: _beside(name, counted, setting) for name in BASELINES}
    return {
        "n": len(counted),
        "setting": setting,
        **performance(counted),
        "top_1_by_level_group": by_group(counted),
        "bands": by_band(counted),
        "sure": when_sure(counted),
        "red_flags": flags_fired(counted),
        "danger": danger(scored),
        "baselines": others,
        "prior": performance(_by_method("prior", counted, setting)),
        "difference_from_prior": others["prior"]["difference"],
        "missed": [_missed(item) for item in counted if not item.right(1)],
        "not_counted": [_missed(item) | {"right": item.right(1)} for item in scored if not item.case.strict],
    }


def _beside(name: str, counted: Sequence[Scored], setting: str) -> dict[str, Any]:
    """Return a simpler method's figures on the same cases, and the engine's minus them."""
    theirs = _by_method(name, counted, setting)
    return {
        **words_of(name),
        **performance(theirs),
        "sure": when_sure(theirs),
        "difference": difference(counted, theirs),
    }


def _by_method(name: str, counted: Sequence[Scored], setting: str) -> list[Scored]:
    method = BASELINES[name]
    return [Scored(case=item.case, chances=method(item.case.findings, setting)) for item in counted]


def _missed(item: Scored) -> dict[str, Any]:
    return {
        "id": item.case.name,
        "site": item.case.site,
        "also": list(item.case.also),
        "first": item.order[0],
        "second": item.order[1],
        "accepted_probability": item.accepted,
    }
