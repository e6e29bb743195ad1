"""The simpler methods give every site a share on any examination, and never read missing as normal."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from localization import CATALOGUE, SETTINGS, SITES, Findings, Value
from localization.anatomy import patterns
from localization.evaluation.baselines import BASELINES
from localization.evaluation.baselines_bayes import naive_bayes, per_site
from localization.evaluation.baselines_lesion import Sign, misfits, signs_of, smallest_lesion
from localization.evaluation.baselines_prior import prior_of
from localization.evaluation.baselines_rules import (
    METHODS,
    Condition,
    Rule,
    first_rule,
    garden_hose,
    parse_condition,
    rules_of,
    textbook_tree,
)
from localization.knowledge import read
from localization.likelihood import weighs
from localization.posterior import facts_of, posterior
from localization.selfcheck import problems
from tests.engine.exams import Exam, exams, value_of

SETTING = "physiotherapy_clinic"
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERY_RULE = [(method, rule) for method in METHODS for rule in rules_of(method)]


def foot_drop(once: dict[str, Value] | None = None, /, **leg: str) -> Findings:
    return Findings.build(unsided=once or {}, left={"ankle_dorsiflexion": "2", **leg})


def first_site(chances: dict[str, float]) -> str:
    return max(chances, key=lambda site: chances[site])


@pytest.mark.parametrize("name", BASELINES)
@quick
@given(exam=exams(), setting=st.sampled_from(sorted(SETTINGS)))
def test_every_method_gives_every_site_a_share_that_is_neither_0_nor_1(
    name: str, exam: Exam, setting: str
) -> None:
    chances = BASELINES[name](exam.findings(), setting)
    assert list(chances) == list(SITES)
    assert math.isclose(sum(chances.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 < chance < 1.0 for chance in chances.values())


@pytest.mark.parametrize(("name", "setting"), list(product(BASELINES, SETTINGS)))
def test_every_method_answers_an_empty_examination_with_the_prior(name: str, setting: str) -> None:
    shares = read("priors")["prior"][setting]["sites"]
    for site, chance in BASELINES[name](Findings.build(), setting).items():
        assert math.isclose(chance, shares[site] / sum(shares.values()), rel_tol=1e-9)


@quick
@given(exam=exams(), order=st.permutations(sorted(CATALOGUE.findings)))
def test_no_method_minds_the_order_or_the_side(exam: Exam, order: list[str]) -> None:
    weaker = Exam(
        unsided=exam.unsided,
        left={**exam.left, "ankle_dorsiflexion": "2"},
        right={**exam.right, "ankle_dorsiflexion": "4"},
    )
    here, shuffled, there = weaker.findings(), weaker.shuffled(order).findings(), weaker.mirrored().findings()
    for method in BASELINES.values():
        assert method(here, SETTING) == method(shuffled, SETTING)
        assert dict(method(here, SETTING)) == pytest.approx(dict(method(there, SETTING)))


@pytest.mark.parametrize("name", BASELINES)
def test_every_method_names_the_settings_it_knows(name: str) -> None:
    with pytest.raises(ValueError, match=r"“moon” is not a setting.*physiotherapy_clinic"):
        BASELINES[name](Findings.build(), "moon")


@quick
@given(exam=exams(), data=st.data())
def test_no_rule_holds_because_a_finding_is_missing(exam: Exam, data: st.DataObject) -> None:
    """A rule that holds without a finding holds with it, whatever its value: absence never fires one."""
    recorded = {*exam.unsided, *exam.left, *exam.right} - {"side", "ankle_dorsiflexion"}
    assume(recorded)  # without these two, both examinations have the same weaker leg
    dropped = data.draw(st.sampled_from(sorted(recorded)))
    fuller, poorer = exam.findings(), exam.without(dropped).findings()
    for method, rule in EVERY_RULE:
        assert not rule.holds(poorer) or rule.holds(fuller), f"{method}: {rule.name} without {dropped}"


@quick
@given(exam=exams())
def test_every_condition_that_holds_quotes_a_recorded_value(exam: Exam) -> None:
    findings = exam.findings()
    for _, rule in EVERY_RULE:
        for line in rule.lines:
            for condition in line:
                assert not condition.holds(findings) or findings.has(condition.finding)


def value_for(condition: Condition) -> Value:
    finding = CATALOGUE[condition.finding]
    for token in finding.scale.tokens:
        if token in condition.values or finding.state_of(token) in condition.values:
            return token
    raise AssertionError(condition)


def exam_of(line: tuple[Condition, ...]) -> Findings:
    once: dict[str, Value] = {}
    legs: dict[str, dict[str, Value]] = {"left": {}, "right": {}}
    for condition in line:
        leg = "right" if condition.legs == ("contra",) else "left"
        place = legs[leg] if CATALOGUE[condition.finding].sided else once
        place[condition.finding] = value_for(condition)
    once.setdefault("side", "left")
    return Findings.build(unsided=once, left=legs["left"], right=legs["right"])


@pytest.mark.parametrize(("method", "rule"), EVERY_RULE, ids=[rule.name for _, rule in EVERY_RULE])
def test_every_line_of_a_rule_is_needed_and_leads_to_it(method: str, rule: Rule) -> None:
    for line in rule.lines:
        taken = first_rule(method, exam_of(line))
        assert taken == rule, f"{[condition.finding for condition in line]} ends in {taken}"
        assert not any(set(other) < set(line) for other in rule.lines), "a shorter line holds already"


def test_the_garden_hose_rule_knows_only_the_hip() -> None:
    bare = garden_hose(foot_drop(ankle_inversion="3", ankle_plantarflexion="4"), SETTING)
    assert bare == prior_of(SETTING)
    weak, full = (garden_hose(foot_drop(hip_abduction=grade), SETTING) for grade in ("3", "5"))
    assert weak["root_L5"] > bare["root_L5"] > full["root_L5"]
    assert full["common_fibular"] > bare["common_fibular"] > weak["common_fibular"]
    assert weak["brain"] == pytest.approx(full["brain"])


PICTURES: list[tuple[dict[str, Value], dict[str, str], str]] = [
    ({"onset": "sudden", "face_or_speech": "yes"}, {"plantar_response": "extensor"}, "brain"),
    ({"sensory_level": "yes"}, {"tone": "spastic"}, "spinal_cord"),
    ({"arm_symptoms": "yes"}, {"fasciculations": "yes", "knee_reflex": "brisk"}, "anterior_horn"),
    ({"saddle": "absent", "back_pain": "yes"}, {"ankle_reflex": "absent"}, "cauda_equina"),
    ({"back_pain": "yes"}, {"hip_abduction": "3", "ankle_inversion": "3"}, "root_L5"),
    ({"precipitant": "labour"}, {"hip_abduction": "4"}, "lumbosacral_plexus"),
    ({}, {"hip_abduction": "5", "ankle_plantarflexion": "3", "knee_flexion": "4"}, "sciatic"),
    ({}, {"ankle_inversion": "5", "ankle_eversion": "2", "dorsum_foot": "reduced"}, "common_fibular"),
    ({}, {"ankle_eversion": "5", "first_web_space": "absent"}, "deep_fibular"),
    ({"stocking": "yes"}, {"ankle_reflex": "absent"}, "polyneuropathy"),
    ({}, {"great_toe_extension": "5", "toe_extension": "5"}, "muscle"),
    ({}, {"hoover_sign": "positive"}, "functional"),
    ({}, {"ankle_inversion": "3"}, "root_L5"),
]


@pytest.mark.parametrize(("once", "leg", "site"), PICTURES, ids=[site for *_, site in PICTURES])
def test_the_textbook_tree_names_the_textbook_place(
    once: dict[str, Value], leg: dict[str, str], site: str
) -> None:
    assert first_site(dict(textbook_tree(foot_drop(once, **leg), SETTING))) == site


@pytest.mark.parametrize(
    ("part", "error"),
    [
        ("plantar_response extensor", "is not “finding is value”"),
        ("ankle_flexion is weak", "ankle_flexion"),
        ("plantar_response is upwards", "Allowed: flexor, extensor, equivocal"),
        ("other side is bilateral", "recorded once"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(part: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        parse_condition(part)


def test_a_condition_looks_at_the_leg_it_names() -> None:
    both = Findings.build(
        left={"ankle_dorsiflexion": "2", "ankle_reflex": "normal"},
        right={"ankle_dorsiflexion": "5", "ankle_reflex": "absent"},
    )
    held = {
        leg: parse_condition(f"{leg}ankle_reflex is absent").holds(both) for leg in ("", "other ", "either ")
    }
    assert held == {"": False, "other ": True, "either ": True}


def fewest(site: str, findings: Findings) -> int:
    signs = tuple(signs_of(findings))
    return min(misfits(pattern, signs) for pattern in patterns() if pattern.site == site)


def test_the_smallest_lesion_counts_what_it_leaves_over_and_what_it_predicts_in_vain() -> None:
    fibular = foot_drop(ankle_eversion="2", ankle_inversion="5", dorsum_foot="reduced", hip_abduction="5")
    assert fewest("common_fibular", fibular) == 0
    assert fewest("deep_fibular", fibular) == 2, "eversion and the dorsum are left over"
    assert fewest("root_L5", fibular) >= 1, "inversion or hip abduction is predicted in vain"
    assert first_site(dict(smallest_lesion(fibular, SETTING))) == "common_fibular"
    with_calf = foot_drop(ankle_eversion="2", dorsum_foot="reduced", ankle_plantarflexion="3")
    assert fewest("common_fibular", with_calf) == 1
    assert fewest("sciatic", with_calf) == 0


def test_the_smallest_lesion_takes_one_deficit_once_and_no_study_that_came_too_early() -> None:
    graded = list(signs_of(foot_drop(heel_walk="unable", trendelenburg_sign="positive")))
    assert graded == [
        Sign(shows="ankle_dorsiflexion", leg="index", state="low"),
        Sign(shows="hip_abduction", leg="index", state="low"),
    ]
    early = foot_drop({"days_onset_to_edx": 3.0}, emg_gluteus_medius="normal")
    late = foot_drop({"days_onset_to_edx": 30.0}, emg_gluteus_medius="normal")
    assert len(list(signs_of(early))) + 1 == len(list(signs_of(late)))


def test_the_smallest_lesion_of_one_nerve_spares_the_other_leg() -> None:
    both = Findings.build(left={"ankle_dorsiflexion": "2"}, right={"ankle_dorsiflexion": "3"})
    said = Findings.build(unsided={"side": "bilateral"}, left={"ankle_dorsiflexion": "2"})
    one = Findings.build(left={"ankle_dorsiflexion": "2"}, right={"ankle_dorsiflexion": "5"})
    for findings in (both, said):
        assert (fewest("common_fibular", findings), fewest("polyneuropathy", findings)) == (1, 0)
    assert fewest("common_fibular", one) == 0


def test_the_smallest_lesion_tells_a_brisk_reflex_from_a_lost_one() -> None:
    brisk, lost = foot_drop(knee_reflex="brisk"), foot_drop(knee_reflex="absent")
    assert (fewest("brain", brisk), fewest("root_L4", brisk)) == (0, 1)
    assert (fewest("brain", lost), fewest("root_L4", lost)) == (1, 0)


@quick
@given(data=st.data())
def test_naive_bayes_reads_a_single_finding_as_the_engine_does(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in CATALOGUE.findings if weighs(name)]))
    finding = CATALOGUE[name]
    value = {name: data.draw(value_of(finding))}
    findings = Findings.build(left=value) if finding.sided else Findings.build(unsided=value)
    (fact,) = facts_of(findings)
    told = dict(zip(SITES, per_site(fact).tolist(), strict=True))
    prior, after = prior_of(SETTING), posterior(findings, SETTING)
    odds = {site: after[site] / prior[site] / told[site] for site in SITES}
    assert max(odds.values()) == pytest.approx(min(odds.values()))


def test_naive_bayes_counts_one_fact_as_often_as_it_is_seen() -> None:
    """What the engine does not do: three views of the same hip weigh as three witnesses."""

    def gain(**views: str) -> float:
        chances = naive_bayes(foot_drop(**views), SETTING)
        return math.log(chances["root_L5"] / chances["common_fibular"])

    views = {"hip_abduction": "3", "trendelenburg_sign": "positive", "emg_gluteus_medius": "denervated"}
    alone = sum(gain(**{name: value}) - gain() for name, value in views.items())
    assert gain(**views) - gain() == pytest.approx(alone, rel=0.1)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("garden_hose", "confidence"), 1.0, "baselines.garden_hose.confidence"),
        (("naive_bayes", "basis"), "guessed", "baselines.naive_bayes"),
        (("textbook_tree", "rule", 0, "sites"), ["elbow"], "no_foot_drop: unknown site elbow"),
        (("textbook_tree", "rule", 1, "name"), "no_foot_drop", "every rule needs a name of its own"),
        (("textbook_tree", "rule", 2, "any_of"), ["sensory_level is maybe"], "sensory_level: sensory_level"),
        (("textbook_tree", "rule", 3, "source"), [], "one_half_of_the_body: a line and a source"),
        (("baseline", "prior", "label"), "", "baselines.baseline.prior"),
        (("smallest_lesion", "stands_for", "heel_walk"), "heel", "stands_for.heel_walk"),
        (("textbook_tree", "rule", 4, "source"), ["nobody2001"], "nobody2001"),
    ],
)
def test_a_fault_in_the_methods_is_named(
    path: tuple[str | int, ...], value: object, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(expected in problem for problem in problems())
    table = read("baselines")
    for key in path[:-1]:
        table = table[key]  # type: ignore[index]
    monkeypatch.setitem(table, str(path[-1]), value)
    assert any(expected in problem for problem in problems()), problems()
