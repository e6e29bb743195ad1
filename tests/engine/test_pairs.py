"""Two lesions: named when they explain together what no single site does, and never otherwise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localization import (
    CATALOGUE,
    DEFAULT_SETTING,
    SITES,
    Finding,
    Findings,
    Report,
    Value,
    localize,
    wording,
)
from localization.knowledge import read
from localization.posterior import Fact, believe, fact_of, facts_of
from localization.report import SecondLesion
from localization.simulation import draw
from tests.engine.exams import Exam, drawn_exams

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OTHER = {"left": "right", "right": "left"}
Leg = dict[str, Value]

L5: Leg = {
    "ankle_dorsiflexion": "3",
    "great_toe_extension": "2",
    "hip_abduction": "3",
    "ankle_inversion": "2",
    "ankle_eversion": "4",
    "ankle_plantarflexion": "5",
    "knee_extension": "5",
    "medial_hamstring_reflex": "absent",
    "slr": "positive",
}
FIBULAR: Leg = {
    "ankle_dorsiflexion": "1",
    "great_toe_extension": "1",
    "hip_abduction": "5",
    "ankle_inversion": "5",
    "ankle_eversion": "2",
    "dorsum_foot": "reduced",
    "tinel_fibular_neck": "positive",
    "slr": "negative",
}
CENTRAL: Leg = {"plantar_response": "extensor", "knee_reflex": "brisk"}
BOTH: Leg = {"side": "bilateral"}


def _report(left: Leg, right: Leg | None = None, once: Leg | None = None) -> Report:
    return localize(Findings.build(unsided=once or {}, left=left, right=right or {}))


def _named(report: Report) -> SecondLesion:
    assert report.second_lesion is not None
    return report.second_lesion


def _labels(pair: SecondLesion) -> list[str]:
    return [SITES[site].label.lower() for site in pair.sites]


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_root_on_one_side_and_a_fibular_nerve_on_the_other_are_named_each_with_its_side(side: str) -> None:
    legs = {side: L5, OTHER[side]: FIBULAR}
    report = _report(legs["left"], legs["right"], BOTH)
    pair = _named(report)
    where = dict(zip(pair.sites, pair.sides, strict=True))
    assert where == {"root_L5": side, "common_fibular": OTHER[side]}
    assert f"L5 nerve root on the patient's {side.upper()}" in pair.text
    assert f"Common fibular nerve on the patient's {OTHER[side].upper()}" in pair.text
    assert {(item.finding, item.value) for item in pair.cited} == {
        (name, value) for name, value in L5.items() if CATALOGUE[name].state_of(value) == "abnormal"
    }
    assert {item.side for item in pair.cited} == {side}


def test_a_pair_is_said_where_the_findings_contradict_any_single_level() -> None:
    """The headline says that two lesions are possible: the report then names them."""
    report = _report({**FIBULAR, **CENTRAL})
    assert report.placement == "contradiction"
    assert report.leading is None
    assert "two lesions" in report.headline
    pair = _named(report)
    assert pair.sites[0] == "common_fibular"
    assert SITES[pair.sites[1]].group == "central"
    assert pair.sides == (None, None)
    assert {item.finding for item in pair.cited} == set(CENTRAL)
    assert "Plantar response extensor, patient's LEFT; Knee reflex brisk, patient's LEFT" in pair.text
    assert pair.text in report.notices


def test_signs_at_the_fibular_neck_beside_a_lesion_higher_up_are_a_lesion_of_their_own() -> None:
    neck: Leg = {"tinel_fibular_neck": "positive", "fibular_conduction_block_at_neck": "yes"}
    whole: Leg = {**L5, "ankle_dorsiflexion": "0", "great_toe_extension": "0", "ankle_eversion": "0"}
    pair = _named(_report({**whole, **neck, "superficial_fibular_snap": "absent"}))
    assert pair.sites[1] == "common_fibular"
    assert {item.finding for item in pair.cited} == set(neck)


@pytest.mark.parametrize(("left", "right"), [(FIBULAR, {}), (L5, {}), (L5, L5), (FIBULAR, FIBULAR)])
def test_what_one_level_explains_names_no_second(left: Leg, right: Leg) -> None:
    report = _report(left, right)
    assert report.second_lesion is None
    assert "together with" not in " ".join(report.notices)


def test_the_second_lesion_is_never_one_of_the_same_level() -> None:
    """The L4 and L5 roots would fit the right leg best; beside an L5 root they are no second level."""
    report = _report(
        {"ankle_dorsiflexion": "2", "toe_extension": "5", "trendelenburg_sign": "positive"},
        {"ankle_dorsiflexion": "3", "femoral_stretch": "positive"},
    )
    pair = _named(report)
    assert pair.sites == ("root_L5", "lumbosacral_plexus")
    assert pair.sides == ("left", "right")


def test_a_normal_finding_is_never_what_a_second_lesion_adds() -> None:
    """Heel walking that is able does not fit the root; no further lesion makes a patient walk better."""
    report = _report(
        {"medial_hamstring_reflex": "reduced"},
        {"ankle_eversion": "0", "medial_hamstring_reflex": "absent", "heel_walk": "able"},
        BOTH,
    )
    assert [item.finding for item in report.unexplained] == ["heel_walk"]
    assert report.second_lesion is None


MILD: Leg = {
    "hip_abduction": "5",
    "ankle_dorsiflexion": "4",
    "great_toe_extension": "0",
    "toe_flexion": "1",
    "knee_reflex": "reduced",
    "ankle_reflex": "normal",
}


def test_a_weakness_too_mild_for_the_leader_is_not_added_by_a_second_lesion() -> None:
    """Grade 4 where the leader makes a paralysis is abnormal, and yet less than the leader alone makes."""
    report = _report(MILD)
    assert "ankle_dorsiflexion" in [item.finding for item in report.unexplained]
    assert report.second_lesion is None


def test_a_pair_that_leaves_a_sign_of_the_other_leg_unexplained_is_not_named() -> None:
    """A brisk knee reflex of the other leg is explained by neither of two peripheral lesions."""
    report = _report(
        {"hip_adduction": "3", "ankle_dorsiflexion": "0", "knee_reflex": "absent"},
        {"knee_extension": "5", "ankle_dorsiflexion": "4", "knee_reflex": "brisk"},
        BOTH,
    )
    assert [(item.finding, item.side) for item in report.unexplained] == [("knee_reflex", "right")]
    assert report.second_lesion is None


def test_a_pair_that_leaves_a_sign_of_the_weaker_leg_unexplained_is_not_named() -> None:
    """A fibular lesion with a neuropathy would fit the strength of both legs, and not Hoover's sign."""
    report = _report(
        {"ankle_dorsiflexion": "2", "hoover_sign": "positive", "toe_walk": "able"},
        {"ankle_dorsiflexion": "4", "toe_walk": "unable"},
    )
    assert [item.finding for item in report.unexplained] == ["hoover_sign"]
    assert report.second_lesion is None


UNTESTED = {name: value for name, value in FIBULAR.items() if name != "ankle_dorsiflexion"}
FULL: Leg = {"ankle_dorsiflexion": "5"}
CLEAR: Leg = {
    "great_toe_extension": "0",
    "toe_extension": "0",
    "fibular_conduction_block_at_neck": "yes",
    "superficial_fibular_snap": "absent",
    "ankle_clonus": "yes",
}


@pytest.mark.parametrize(
    ("left", "right", "once", "placement"),
    [
        (FIBULAR | CENTRAL, {}, {"age": 10.0}, "scope"),
        (FIBULAR | CENTRAL | CLEAR | FULL, FULL, {}, "no_foot_drop"),
        (UNTESTED | CENTRAL, {}, {}, "too_few"),
    ],
)
def test_no_pair_is_named_where_no_level_may_be(
    left: Leg, right: Leg, once: Leg, placement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = _report(left, right, once)
    assert report.placement == placement
    assert report.second_lesion is None
    assert "together with" not in " ".join((report.headline, *report.notices))
    monkeypatch.setattr(wording, "PAIRED", (placement,))  # and it is this rule that keeps the pair back
    assert _named(_report(left, right, once)).sites[0] == "common_fibular"


@cache
def _drawn() -> tuple[Exam, ...]:
    """Return patients with two lesions, examined in part: one in each leg, or both in the left one.

    Where both are in one leg, the worse value of each finding stays.
    """
    found, names = [], sorted(set(CATALOGUE.findings) - {"ankle_dorsiflexion", "side"})
    for number, (one, other) in enumerate(
        (("common_fibular", "root_L5"), ("sciatic", "root_L5"), ("root_L5", "spinal_cord")) * 20
    ):
        first, second = (
            draw(site, (number, place), setting=DEFAULT_SETTING, weak_side="left").at_the_bedside().findings
            for place, site in enumerate((one, other))
        )
        if other == "root_L5":
            once = {**first.unsided, **BOTH}
            found.append(Exam(unsided=once, left=first.left, right=second.left))
        else:
            worse = {
                name: value
                for name, value in second.left.items()
                if CATALOGUE[name].state_of(value) == "abnormal"
                and CATALOGUE[name].state_of(first.left.get(name, value)) != "abnormal"
            }
            found.append(Exam(unsided=first.unsided, left={**first.left, **worse}, right=first.right))
        for place in np.random.default_rng(number).permutation(len(names))[: 2 * len(names) // 3]:
            found[-1] = found[-1].without(names[place])
    return tuple(found)


@cache
def _with_pair() -> tuple[tuple[Exam, SecondLesion], ...]:
    answers = [(exam, localize(exam.findings()).second_lesion) for exam in _drawn()]
    return tuple((exam, pair) for exam, pair in answers if pair is not None)


def test_patients_with_two_lesions_are_often_named_so_legs_apart_and_together() -> None:
    apart = [pair.sides != (None, None) for _, pair in _with_pair()]
    assert sum(apart) >= 5
    assert len(apart) - sum(apart) >= 2


def _predicts(site: str, facts: list[Fact], asked: Fact) -> bool:
    """Return whether a site predicts a fact nearly as well as the best one, reckoned without the engine."""
    rest = tuple(fact for fact in facts if fact is not asked)
    with_it, before = believe(tuple(facts), DEFAULT_SETTING), believe(rest, DEFAULT_SETTING)
    rise = with_it.per_site() / before.per_site()
    least = read("instrument")["placing"]["unexplained"]
    return bool(rise[list(SITES).index(site)] >= least * np.max(rise) * (1.0 - 1e-9))


def test_every_named_pair_is_of_two_levels_and_explains_all_signs_that_were_left_over() -> None:
    for exam, pair in _with_pair():
        findings, (first, second) = exam.findings(), pair.sites
        assert SITES[first].group != SITES[second].group
        assert "none" not in pair.sites
        assert pair.ratio >= read("answer")["second_lesion"]["least_ratio"]
        assert all(label in pair.text.lower() for label in _labels(pair))
        assert all(CATALOGUE[item.finding].state_of(item.value) != "normal" for item in pair.cited)
        left_over = {
            (item.finding, item.side): item
            for item in localize(findings).unexplained
            if CATALOGUE[item.finding].state_of(item.value) != "normal"
        }
        added = {(item.finding, item.side) for item in pair.cited}
        if pair.sides == (None, None):
            assert added
            assert added <= set(left_over)
            continue
        own = [
            fact_of(findings, item.finding, "index", item.value)
            for item in localize(findings).unexplained
            if item.side == pair.sides[1]
        ]
        leg = exam.left if pair.sides[1] == "left" else exam.right
        moved = [
            fact_of(findings, name, "index", value)
            for name, value in leg.items()
            if any(fact.finding == name for fact in facts_of(findings))
        ]
        shared = [
            fact
            for fact in facts_of(findings)
            if fact.leg is None and CATALOGUE[fact.finding].state_of(fact.value) == "normal"
        ]
        for fact in own:
            if CATALOGUE[fact.finding].state_of(fact.value) != "normal":
                assert _predicts(second, [*moved, *shared], fact), (pair.sites, fact.finding)


def test_the_mirror_image_has_the_same_pair_on_the_other_sides() -> None:
    # equally weak legs with neither side named are read as LEFT by the rule, so those have no mirror image
    unequal = [
        (exam, pair)
        for exam, pair in _with_pair()
        if exam.findings().index != exam.mirrored().findings().index
    ]
    assert len(unequal) >= 5
    for exam, pair in unequal:
        mirrored = _named(localize(exam.mirrored().findings()))
        assert mirrored.sites == pair.sites
        assert mirrored.sides == tuple(side and OTHER[side] for side in pair.sides)
        assert mirrored.ratio == pytest.approx(pair.ratio, rel=1e-9)
        swapped = pair.text.replace("LEFT", "_").replace("RIGHT", "LEFT").replace("_", "RIGHT")
        assert mirrored.text == swapped


@quick
@given(st.data())
def test_the_order_of_the_answers_does_not_change_the_pair(data: st.DataObject) -> None:
    exam, pair = data.draw(st.sampled_from(_with_pair()))
    order = data.draw(st.permutations(sorted(CATALOGUE.findings)))
    assert localize(exam.shuffled(order).findings()).second_lesion == pair


@quick
@given(drawn_exams())
def test_a_pair_is_named_only_where_the_leader_leaves_something_over(exam: Exam) -> None:
    report = localize(exam.findings())
    if not report.unexplained:
        assert report.second_lesion is None
    if report.second_lesion is not None:
        assert report.placement not in {"too_few", "scope", "no_foot_drop"}
        assert report.second_lesion.text in report.notices


def test_every_finding_that_can_be_added_knows_what_is_normal() -> None:
    """What has no normal value counts as added wherever it is left over; no test of a leg may be so."""
    legs: list[Finding] = [finding for finding in CATALOGUE.findings.values() if finding.sided]
    choices = [finding for finding in legs if finding.scale.kind == "choice"]
    without = [
        finding.id
        for finding in choices
        if not any(finding.state_of(token) == "normal" for token in finding.scale.tokens)
    ]
    assert without == []
