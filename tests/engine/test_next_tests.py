"""The next tests and the stop signal: what can change the answer is asked first; a settled level holds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from localization import CATALOGUE, PHRASES, SITES, Findings, Value, localize
from localization.casefile import Case
from localization.knowledge import read
from localization.likelihood import weighs
from localization.posterior import believe, fact_of, facts_of
from localization.prospects import Prospect, prospects
from localization.ranking import Ranking, first_group
from localization.simulation import draw
from localization.suggestions import can_change
from tests.engine.cases import published
from tests.engine.legs import FIBULAR, SETTING

SIXTY = 60


def test_the_next_tests_that_can_change_the_answer_come_first_each_kind_best_pace_first() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "2", "hip_abduction": "4", "ankle_eversion": "3"}
    report = localize(Findings.build(left=leg))
    ranking = Ranking.of(believe(facts_of(Findings.build(left=leg)), SETTING))
    found = {prospect.finding.id: prospect for prospect in _prospects(leg)}
    turning = [can_change(found[test.finding], ranking) for test in report.next_tests]
    assert turning == sorted(turning, reverse=True)
    assert turning[0]
    for kind in (True, False):
        paces = [
            test.gain_bits / test.minutes
            for test, turns in zip(report.next_tests, turning, strict=True)
            if turns == kind
        ]
        assert paces == sorted(paces, reverse=True)
    for test in report.next_tests:
        assert test.finding not in leg
        assert test.position != "laboratory"
        assert test.why.startswith("Separates ")
        assert test.gain_bits >= read("answer")["next_tests"]["least_gain_bits"]
    assert {"ankle_inversion", "knee_flexion", "slr"} <= {item.finding for item in report.missing}


def _prospects(leg: dict[str, Value]) -> tuple[Prospect, ...]:
    findings = Findings.build(left=leg)
    belief = believe(facts_of(findings), SETTING)
    return prospects(findings, belief, Ranking.of(belief))


def test_the_first_of_the_next_tests_has_a_result_that_changes_the_answer() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "2", "hip_abduction": "4", "ankle_eversion": "3"}
    report = localize(Findings.build(left=leg))
    test = report.next_tests[0]
    values = [value.token for value in CATALOGUE[test.finding].scale.values if value.offered]
    sided = CATALOGUE[test.finding].sided
    after = {
        localize(
            Findings.build(
                unsided={} if sided else {test.finding: value},
                left={**leg, test.finding: value} if sided else leg,
            )
        )
        .ranked[0]
        .site
        for value in values
    }
    assert after - {report.ranked[0].site}


def test_a_test_in_the_patients_position_is_asked_for_before_one_that_needs_a_turn() -> None:
    findings = Findings.build(left={"ankle_dorsiflexion": "2", "ankle_eversion": "3"})

    def first(position: str) -> set[str]:
        test = localize(findings, position=position).next_tests[0]
        finding = CATALOGUE[test.finding]
        return {finding.position, finding.position_alt}

    for position in ("prone", "standing", "supine"):
        assert position in first(position), position
    assert localize(findings).posterior == localize(findings, position="prone").posterior


def test_an_unknown_position_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"“head down” is not a position. Allowed: interview, standing"):
        localize(Findings.build(), position="head down")


COMPLETE: dict[str, Value] = {
    **FIBULAR,
    "great_toe_extension": "3",
    "toe_extension": "3",
    "ankle_plantarflexion": "5",
    "toe_flexion": "5",
    "knee_flexion": "5",
    "knee_extension": "5",
    "hip_extension": "5",
    "hip_flexion": "5",
    "hip_adduction": "5",
    "first_web_space": "reduced",
    "sole": "normal",
    "lateral_foot": "normal",
    "medial_leg": "normal",
    "posterior_thigh": "normal",
    "knee_reflex": "normal",
    "ankle_reflex": "normal",
    "plantar_response": "flexor",
    "ankle_clonus": "no",
    "tone": "normal",
    "slr": "negative",
    "tinel_fibular_neck": "positive",
    "trendelenburg_sign": "negative",
}


def test_the_stop_signal_comes_when_a_level_is_named_that_no_bedside_test_can_change() -> None:
    once: dict[str, Value] = {"gait_pattern": "steppage", "precipitant": "leg_crossing", "onset": "days"}
    report = localize(Findings.build(unsided=once, left=COMPLETE))
    assert report.settled
    assert report.stop_signal.startswith(PHRASES["stop_signal"])
    assert PHRASES["stop_signal_open"] in report.stop_signal
    early = localize(Findings.build(left={"ankle_dorsiflexion": "2", "ankle_eversion": "3"}))
    assert not early.settled
    assert early.stop_signal == ""


SETTLED = [case for case in published() if localize(case.findings).settled]


def test_some_published_patients_are_settled_and_most_are_not() -> None:
    assert 0 < len(SETTLED) < len(published()) / 2


def _turned(findings: Findings) -> list[tuple[str, str, float]]:
    """Return the values not rare of untested bedside findings that would put another level first.

    Every one is tried anew, as a whole examination with one finding more; "weak" is a grade nobody gave.
    """
    least = read("answer")["settled"]["least_likely"]
    facts = facts_of(findings)
    level = first_group(believe(facts, SETTING).per_site())
    found = []
    for name, finding in CATALOGUE.findings.items():
        if not weighs(name) or finding.position == "laboratory" or findings.has(name):
            continue
        values = [entry.token for entry in finding.scale.values if entry.offered]
        for value in [*values, "weak"] if finding.scale.id == "mrc" else values:
            fact = fact_of(findings, name, "index" if finding.sided else None, value)
            belief = believe((*facts, fact), SETTING)
            _, chance = belief.without(fact)
            if first_group(belief.per_site()) != level and chance >= least:
                found.append((name, value, chance))
    return found


@pytest.mark.parametrize("case", SETTLED, ids=lambda case: str(case.name))
def test_a_settled_level_survives_every_bedside_test_that_is_not_rare(case: Case) -> None:
    assert _turned(case.findings) == []


@cache
def _settled_exams() -> tuple[Findings, ...]:
    """Return sixty patients of the model, examined in part, whose level is settled."""
    found, names = [], sorted(CATALOGUE.findings)
    for number in range(2000):
        dice = np.random.default_rng(number)
        patient = draw(list(SITES)[number % len(SITES)], number, setting=SETTING).at_the_bedside()
        most = int(dice.integers(15, len(names)))
        kept = [names[place] for place in dice.permutation(len(names))[:most]]
        findings = patient.only(["ankle_dorsiflexion", *kept])
        if localize(findings, setting=SETTING).settled:
            found.append(findings)
        if len(found) == SIXTY:
            break
    return tuple(found)


def test_no_single_grade_turns_a_settled_level_in_sixty_patients_of_the_model() -> None:
    assert [_turned(findings) for findings in _settled_exams()] == [[]] * SIXTY
