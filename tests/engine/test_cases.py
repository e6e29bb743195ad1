"""Every published patient gets a whole answer, and together they are placed better than by the prior."""

from __future__ import annotations

import json
import math

import pytest

from localization import CATALOGUE, SITES, Reason, Report, localize
from localization.casefile import Case
from localization.evaluation import evaluate
from tests.engine.cases import PATHS, published


@pytest.mark.parametrize("case", published(), ids=[path.stem for path in PATHS])
def test_a_published_patient_gets_a_whole_answer(case: Case) -> None:
    report = localize(case.findings)
    assert math.isclose(sum(report.posterior.values()), 1.0, abs_tol=1e-12)
    assert all(0.0 < chance < 1.0 for chance in report.posterior.values())
    assert list(report.posterior) == list(SITES)
    assert json.loads(json.dumps(report.to_json())) == report.to_json()
    assert (
        "This is not a diagnosis." in report.headline
        or "cannot be placed" in report.headline.lower()
        or ("no level is given" in report.headline)
    )
    assert len(report.ranked) >= 3


def every_reason(report: Report) -> list[Reason]:
    ranked = [reason for entry in report.ranked for reason in (*entry.for_, *entry.against)]
    return [*report.reasons, *ranked]


@pytest.mark.parametrize("case", published(), ids=[path.stem for path in PATHS])
def test_every_reason_can_be_traced_to_a_finding_of_this_patient(case: Case) -> None:
    report = localize(case.findings)
    every = [
        *report.reasons,
        *(reason for entry in report.ranked for reason in (*entry.for_, *entry.against)),
    ]
    for reason in every:
        values = (
            case.findings.unsided
            if reason.leg is None
            else case.findings.leg(case.findings.side_of(reason.leg))
        )
        assert values[reason.finding] == reason.value
        assert reason.rule
        assert reason.source
        assert CATALOGUE[reason.finding].label in reason.text
        assert reason.favours == (reason.weight > 0)
    for item in report.missing:
        assert item.finding not in case.findings.index_values
        assert item.finding not in case.findings.unsided


def test_the_engine_beats_the_prior_on_the_published_patients() -> None:
    result = evaluate(published(), "physiotherapy_clinic")
    gap = result["difference_from_prior"]["log_loss"]
    assert result["n"] == sum(case.strict for case in published())
    assert gap["high"] < 0.0, "the paired 95 % interval must exclude no difference"
    assert result["log_loss"]["value"] < 1.6
    assert result["level_top_1"]["value"] > result["prior"]["level_top_1"]["value"]


def test_a_further_accepted_answer_counts_as_right() -> None:
    case = next(case for case in published() if case.also and case.strict)
    result = evaluate([case], "physiotherapy_clinic")
    accepted = sum(localize(case.findings).posterior[site] for site in case.accepted)
    assert math.isclose(result["log_loss"]["value"], -math.log(accepted))


def test_weak_cases_are_listed_but_not_counted() -> None:
    weak = [case for case in published() if not case.strict]
    result = evaluate(weak, "physiotherapy_clinic")
    assert result["n"] == 0
    assert result["log_loss"] is None
    assert len(result["not_counted"]) == len(weak)
