"""Every published patient gets a whole answer, and together they are placed better than by the prior."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import pytest

from localization import CATALOGUE, SITES, Findings, Reason, Report, localize, red_flags
from localization.casefile import Case
from localization.evaluation import evaluate
from localization.evaluation.baselines import BASELINES
from localization.evaluation.danger import danger
from localization.evaluation.figures import as_markdown, as_text
from localization.evaluation.scored import Scored
from localization.tripwire import central_tripwire
from tests.engine.cases import PATHS, published


@cache
def whole_evaluation() -> dict[str, Any]:
    return evaluate(published(), "physiotherapy_clinic")


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
    result = whole_evaluation()
    gap = result["difference_from_prior"]["log_loss"]
    assert result["n"] == sum(case.strict for case in published())
    assert gap["high"] < 0.0, "the paired 95 % interval must exclude no difference"
    assert result["log_loss"]["value"] < 1.6
    assert result["level_top_1"]["value"] > result["prior"]["level_top_1"]["value"]


@pytest.mark.parametrize("name", BASELINES)
def test_the_engine_beats_every_simpler_method_on_the_published_patients(name: str) -> None:
    theirs = whole_evaluation()["baselines"][name]
    gap = theirs["difference"]["log_loss"]
    assert gap["high"] < 0.0, "the paired 95 % interval must exclude no difference"
    assert math.isclose(
        gap["value"], whole_evaluation()["log_loss"]["value"] - theirs["log_loss"]["value"], abs_tol=1e-9
    )
    brier = theirs["difference"]["brier"]["value"]
    assert math.isclose(brier, whole_evaluation()["brier"]["value"] - theirs["brier"]["value"], abs_tol=1e-9)


def test_a_sure_answer_is_right_in_at_least_85_of_100() -> None:
    sure = whole_evaluation()["sure"]
    first = [max(localize(case.findings).posterior.values()) for case in published() if case.strict]
    assert sure["at_least"] == 0.8
    assert sure["n"] == sum(chance >= 0.8 for chance in first) > 0
    assert sure["right"] >= 0.85 * sure["n"]


def test_every_dangerous_case_is_kept_in_view_or_named() -> None:
    told = whole_evaluation()["danger"]
    dangerous = {"brain", "spinal_cord", "cauda_equina"}
    cases = {case.name: case for case in published() if dangerous.intersection(case.accepted)}
    assert {row["id"] for row in told["cases"]} == set(cases)
    assert told["n"] == sum(case.strict for case in cases.values())
    for row in told["cases"]:
        case = cases[row["id"]]
        chances = localize(case.findings).posterior
        groups = {SITES[site].group for site in dangerous.intersection(case.accepted)}
        held = sum(chance for site, chance in chances.items() if SITES[site].group in groups)
        assert row["group_probability"] == pytest.approx(held)
        assert row["red_flag"] == bool(red_flags(case.findings))
        assert row["tripwire"] == (central_tripwire(case.findings) is not None)
        in_view = held >= 0.05 or row["red_flag"] or row["tripwire"]
        assert (row["id"] in told["missed"]) == (not in_view)
    assert told["in_view"] == told["n"] - sum(cases[name].strict for name in told["missed"])
    assert told["missed"] == []


def test_a_dangerous_case_that_nothing_keeps_in_view_is_named() -> None:
    case = Case(name="unseen", findings=Findings.build(), site="brain", also=(), strict=True)
    rest = {site: 0.98 / 16 for site in SITES if SITES[site].group != "central"}
    unseen = danger([Scored(case=case, chances={"brain": 0.01, "spinal_cord": 0.01, **rest})])
    assert (unseen["n"], unseen["in_view"], unseen["missed"]) == (1, 0, ["unseen"])
    seen = danger([Scored(case=case, chances={"brain": 0.01, "spinal_cord": 0.04, **rest})])
    assert (seen["n"], seen["held"], seen["in_view"], seen["missed"]) == (1, 1, 1, [])


def test_emergency_rules_fire_in_at_most_one_of_ten_other_cases() -> None:
    flags = whole_evaluation()["red_flags"]
    assert flags["dangerous"]["n"] + flags["others"]["n"] == whole_evaluation()["n"]
    assert flags["others"]["emergency"] <= 0.1 * flags["others"]["n"]


def test_evaluate_keeps_the_keys_of_its_contract() -> None:
    figures = {"top_1", "top_2", "level_top_1", "log_loss", "brier", "calibration_error"}
    assert {"n", "setting", "top_1_by_level_group", "bands", "red_flags", "missed", "not_counted"} < set(
        whole_evaluation()
    )
    assert figures < set(whole_evaluation())
    for name, theirs in whole_evaluation()["baselines"].items():
        assert name in BASELINES
        assert set(theirs) == figures | {"label", "about", "sure", "difference"}
        assert set(theirs["difference"]) == {"log_loss", "brier"}
        assert all(set(theirs[figure]) == {"value", "low", "high"} for figure in figures)
    assert whole_evaluation()["prior"] == {
        figure: whole_evaluation()["baselines"]["prior"][figure] for figure in figures
    }
    assert json.loads(json.dumps(whole_evaluation())) == whole_evaluation()


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
    assert result["danger"]["n"] == 0
    assert result["baselines"]["naive_bayes"]["difference"] == {"log_loss": None, "brier": None}
    assert "no case" in as_text(result)
    assert "no case" in as_markdown(result)
