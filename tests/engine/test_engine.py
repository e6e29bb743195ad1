"""What must hold for any examination: sums, order, sides, missing findings, the empty form."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from localization import CATALOGUE, SETTINGS, SITES, Findings, localize
from localization.knowledge import read
from localization.likelihood import weighs
from localization.posterior import posterior
from tests.engine.exams import Exam, exams

SETTING = "physiotherapy_clinic"
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_empty_form_answers_with_the_prior(setting: str) -> None:
    prior = read("priors")["prior"][setting]["sites"]
    for site, chance in posterior(Findings.build(), setting).items():
        assert math.isclose(chance, prior[site], rel_tol=1e-12)


def test_weak_dorsiflexion_alone_is_not_counted_again() -> None:
    prior = posterior(Findings.build(), SETTING)
    weak = posterior(Findings.build(left={"ankle_dorsiflexion": "weak"}), SETTING)
    for site in SITES:
        if site not in {"superficial_fibular", "none"}:
            assert math.isclose(weak[site] / weak["root_L5"], prior[site] / prior["root_L5"], rel_tol=1e-9)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="not a setting"):
        localize(Findings.build(), setting="moon")


@quick
@given(exams())
def test_the_posterior_sums_to_one_and_excludes_nothing(exam: Exam) -> None:
    chances = posterior(exam.findings(), SETTING)
    assert math.isclose(sum(chances.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 < chance < 1.0 for chance in chances.values())


@quick
@given(exams(), st.permutations(sorted(CATALOGUE.findings)))
def test_K04_the_order_of_answers_does_not_matter(exam: Exam, order: list[str]) -> None:
    first, second = localize(exam.findings()), localize(exam.shuffled(order).findings())
    assert first == second
    assert first.to_json() == second.to_json()


@quick
@given(exams())
def test_K05_swapping_the_sides_swaps_only_the_sides(exam: Exam) -> None:
    here, there = exam.findings(), exam.mirrored().findings()
    assume(here.index != there.index)  # with both legs alike and no side named, LEFT stands for either
    one, other = localize(here), localize(there)
    assert one.posterior == other.posterior
    assert one.placement == other.placement
    assert [entry.site for entry in one.ranked] == [entry.site for entry in other.ranked]
    assert [(item.finding, item.leg, item.weight) for item in one.reasons] == [
        (item.finding, item.leg, item.weight) for item in other.reasons
    ]
    assert {item.side for item in one.reasons if item.leg == "index"} <= {here.index}
    assert {item.side for item in other.reasons if item.leg == "index"} <= {there.index}
    assert one.headline.replace("LEFT", "·").replace("RIGHT", "LEFT").replace("·", "RIGHT") == other.headline


@quick
@given(exams(), st.data())
def test_K02_untested_is_never_evidence(exam: Exam, data: st.DataObject) -> None:
    """An exam without a finding has the posterior of the exam in which it was never entered."""
    findings = exam.findings()
    recorded = [name for name in findings.index_values if weighs(name)]
    assume(recorded)
    dropped = data.draw(st.sampled_from(recorded))
    leg = {name: value for name, value in findings.index_values.items() if name != dropped}
    legs = (
        {"left": leg, "right": exam.right} if findings.index == "left" else {"left": exam.left, "right": leg}
    )
    without = Findings.build(unsided=exam.unsided, left=legs["left"], right=legs["right"])
    report = localize(without)
    cited = [*report.reasons, *(item for entry in report.ranked for item in (*entry.for_, *entry.against))]
    assert all(without.leg(item.side)[item.finding] == item.value for item in cited if item.side)
    assert posterior(without, SETTING) == dict(report.posterior)


def test_K02_a_finding_that_was_not_tested_is_listed_as_missing() -> None:
    report = localize(Findings.build(unsided={"gait_pattern": "steppage"}, left={"ankle_dorsiflexion": "2"}))
    missing = {item.finding for item in report.missing}
    assert {"hip_abduction", "ankle_inversion", "knee_flexion", "dorsum_foot", "ankle_reflex"} <= missing
    assert "ankle_dorsiflexion" not in missing
    assert "gait_pattern" not in missing


NORMAL_AT = {
    "hip_abduction": ("5", ["sciatic", "common_fibular", "deep_fibular"]),
    "ankle_plantarflexion": ("5", ["common_fibular", "deep_fibular"]),
    "toe_flexion": ("5", ["common_fibular", "deep_fibular"]),
    "knee_extension": ("5", ["sciatic", "common_fibular"]),
    "plantar_response": ("flexor", ["sciatic", "common_fibular", "root_L5"]),
    "sensory_level": ("no", ["common_fibular", "root_L5"]),
}
OTHERS = (
    "root_L4",
    "root_L5",
    "roots_L5_S1",
    "lumbosacral_plexus",
    "cauda_equina",
    "polyneuropathy",
    "brain",
)


@quick
@given(exams(), st.sampled_from(sorted(NORMAL_AT)))
def test_a_normal_finding_never_helps_a_site_where_it_is_unexpected(exam: Exam, name: str) -> None:
    value, predicting = NORMAL_AT[name]
    bare = exam.without(name)
    once, legs = dict(bare.unsided), {"left": dict(bare.left), "right": dict(bare.right)}
    if CATALOGUE[name].sided:
        legs[bare.findings().index][name] = value
    else:
        once[name] = value
    before = posterior(bare.findings(), SETTING)
    after = posterior(Findings.build(unsided=once, left=legs["left"], right=legs["right"]), SETTING)
    for site in OTHERS:
        for other in predicting:
            change = math.log(after[site] / after[other]) - math.log(before[site] / before[other])
            assert change < 1e-9, (name, site, other, change)


def test_a_confounded_grade_counts_as_the_examiner_says() -> None:
    ignored = posterior(Findings.build(left={"ankle_dorsiflexion": "2"}), SETTING)
    weak = posterior(Findings.build(left={"ankle_dorsiflexion": "2", "hip_abduction": "weak"}), SETTING)
    normal = posterior(Findings.build(left={"ankle_dorsiflexion": "2", "hip_abduction": "5"}), SETTING)
    assert normal["root_L5"] < ignored["root_L5"] < weak["root_L5"]


def test_a_needle_study_in_the_first_week_says_little() -> None:
    def roots(days: float | None) -> float:
        once = {} if days is None else {"days_onset_to_edx": days}
        leg = {"ankle_dorsiflexion": "2", "emg_gluteus_medius": "normal"}
        return posterior(Findings.build(unsided=once, left=leg), SETTING)["root_L5"]

    bare = posterior(Findings.build(left={"ankle_dorsiflexion": "2"}), SETTING)["root_L5"]
    assert roots(30) == roots(None) < roots(5) <= bare


def test_measured_hip_force_counts_when_both_legs_were_measured() -> None:
    def roots(left: float | None) -> float:
        leg: dict[str, str | float] = {"ankle_dorsiflexion": "2"}
        if left is not None:
            leg["hip_abduction_force_n"] = left
        return posterior(Findings.build(left=leg, right={"hip_abduction_force_n": 200.0}), SETTING)["root_L5"]

    assert roots(195) < roots(None) < roots(60)
