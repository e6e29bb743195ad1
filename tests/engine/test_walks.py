"""Walks of drawn patients: they stop when one site is sure, and the next best test gets there soonest."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from localization import CATALOGUE, DEFAULT_SETTING, localize
from localization.evaluation import calibration, walks
from localization.evaluation.walks import SURE, Walk, bedside_tests, chooser, figures, walk
from localization.findings import DECIDING, Findings
from localization.posterior import Belief, believe, facts_of, posterior
from localization.redflags import KNOWN_BEFORE
from localization.simulation import Patient, patients

BEGUN = (*KNOWN_BEFORE, DECIDING)
STANDARD_ERRORS = 4.0  # by chance, a mean lies further off once in 15,000


def test_the_bedside_tests_weigh_are_no_laboratory_and_are_not_known_before() -> None:
    assert {"hip_abduction", "ankle_inversion", "onset", "slr"} <= set(bedside_tests())
    assert not {*BEGUN, "sural_snap", "emg_tibialis_anterior", "walk_10m_s"} & set(bedside_tests())


@pytest.mark.parametrize("order", walks.ORDERS)
def test_a_walk_ends_with_the_first_test_that_makes_one_site_sure(order: str) -> None:
    for place, patient in enumerate(patients(4, 21, setting=DEFAULT_SETTING)):
        asked, result = followed(patient, order, place)
        assert len(set(asked)) == len(asked) == result.tests
        assert set(asked) <= set(bedside_tests())
        assert result.minutes == pytest.approx(sum(CATALOGUE[name].minutes for name in asked))
        sure = [highest(patient, asked[:count]) >= SURE for count in range(len(asked) + 1)]
        assert sure == [False] * len(asked) + [result.sure]
        chances = posterior(patient.only([*BEGUN, *asked]), DEFAULT_SETTING)
        assert result.right == (max(chances, key=lambda site: chances[site]) == patient.truth.site)


def followed(patient: Patient, order: str, place: int) -> tuple[list[str], Walk]:
    """Return the tests that were asked, in turn, and the walk."""
    asked: list[str] = []
    choose = chooser(order, (21, place))

    def noted(findings: Findings, belief: Belief, position: str) -> str | None:
        assert position == (CATALOGUE[asked[-1]].position if asked else "")
        name = choose(findings, belief, position)
        asked.extend([name] if name else [])
        return name

    return asked, walk(patient, noted, DEFAULT_SETTING)


def highest(patient: Patient, asked: list[str]) -> float:
    return max(posterior(patient.only([*BEGUN, *asked]), DEFAULT_SETTING).values())


def test_the_next_best_test_is_the_one_that_the_report_shows_first() -> None:
    for place, patient in enumerate(patients(5, 22, setting=DEFAULT_SETTING)):
        findings = patient.only([*BEGUN, *bedside_tests()[place::7]])
        belief = believe(facts_of(findings), DEFAULT_SETTING)
        position = CATALOGUE.positions[place % len(CATALOGUE.positions)].id
        shown = localize(findings, position=position).next_tests[0].finding
        assert chooser("next_best", (0,))(findings, belief, position) == shown


def test_the_fixed_order_is_the_catalogues_and_a_random_one_is_each_patients_own() -> None:
    def all_of(order: str, place: int) -> list[str]:
        found, empty = [], Findings.build()
        choose, belief = chooser(order, (5, place)), believe((), DEFAULT_SETTING)
        while (name := choose(empty, belief, "")) is not None:
            found.append(name)
        return found

    assert all_of("catalogue", 0) == list(bedside_tests())
    assert sorted(all_of("random", 0)) == sorted(bedside_tests())
    assert all_of("random", 0) == all_of("random", 0) != all_of("random", 1)


def test_who_never_becomes_sure_counts_as_longer_than_everyone_else() -> None:
    short = [Walk(tests=2, minutes=1.0, sure=True, right=True)] * 3
    never = [Walk(tests=1, minutes=0.5, sure=False, right=False)] * 4
    assert figures([*short, *never[:2]])["median_tests"]["value"] == 2.0
    found = figures([*short, *never])
    assert found["median_tests"] == {"value": None, "low": 2.0, "high": None}
    assert found["never_sure"]["value"] == pytest.approx(4 / 7)
    assert (found["right_when_sure"], found["right_when_never_sure"]) == (
        {"n": 3, "right": 3},
        {"n": 4, "right": 0},
    )


def test_the_next_best_test_needs_fewer_tests_than_a_fixed_or_random_order() -> None:
    orders = walked(8)["orders"]
    best = orders["next_best"]["median_tests"]["value"]
    assert best < orders["catalogue"]["median_tests"]["value"]
    assert best < orders["random"]["median_tests"]["value"]
    assert "median of tests" in walks.as_text(walked(8))


@pytest.mark.long
def test_two_hundred_patients_need_a_median_of_at_most_twelve_tests() -> None:
    orders = walked(200)["orders"]
    shown, telling = orders["next_best"], orders["most_telling"]
    assert shown["median_tests"]["value"] <= 12
    assert telling["median_tests"]["high"] <= 12
    for order in ("catalogue", "random"):
        assert shown["median_tests"]["high"] < orders[order]["median_tests"]["low"]
        assert shown["median_minutes"]["high"] < orders[order]["median_minutes"]["low"]
    for row in orders.values():
        assert row["right_when_sure"]["right"] >= 0.85 * row["right_when_sure"]["n"]


@cache
def walked(count: int) -> dict[str, Any]:
    return walks.walks(count, 1, DEFAULT_SETTING)


@pytest.mark.parametrize("count", [250, pytest.param(4000, marks=pytest.mark.long)])
def test_the_posterior_is_calibrated_in_patients_of_the_model(count: int) -> None:
    result = calibrated(count)
    for extent, row in result["extents"].items():
        gap = row["surprise_beyond_entropy"]
        error = (gap["high"] - gap["low"]) / (2 * 1.96)
        assert abs(gap["value"]) <= STANDARD_ERRORS * error, (extent, gap)
        assert sum(one["n"] for one in row["bins"]) == count
        for one in row["bins"]:
            if one["n"] >= 20:
                error = (one["sure"] * (1.0 - one["sure"]) / one["n"]) ** 0.5
                assert abs(one["right"] / one["n"] - one["sure"]) <= STANDARD_ERRORS * error, (extent, one)
    assert "log loss beyond the expected" in calibration.as_text(result)


@cache
def calibrated(count: int) -> dict[str, Any]:
    return calibration.calibration(count, 20261122, DEFAULT_SETTING)


def test_a_fuller_examination_is_right_more_often() -> None:
    rows = calibrated(250)["extents"]
    firsts = [rows[extent]["top_1"]["value"] for extent in ("few", "bedside", "complete")]
    assert firsts == sorted(firsts)
    assert firsts[0] < firsts[-1]
