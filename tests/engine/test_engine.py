"""What must hold for any examination: sums, order, sides, missing findings, the empty form."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localization import CATALOGUE, SETTINGS, SITES, Findings, localize
from localization.knowledge import read
from localization.posterior import posterior
from tests.engine import properties
from tests.engine.exams import Exam, any_exams
from tests.engine.malformed import Faulty, malformed

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
@given(any_exams(), st.sampled_from(list(SETTINGS)))
def test_the_posterior_sums_to_one_and_excludes_nothing(exam: Exam, setting: str) -> None:
    properties.sums_to_one(exam, setting)


@quick
@given(any_exams(), st.permutations(sorted(CATALOGUE.findings)))
def test_K04_the_order_of_answers_does_not_matter(exam: Exam, order: list[str]) -> None:
    properties.order_does_not_matter(exam, order)


@quick
@given(any_exams())
def test_K05_swapping_the_sides_swaps_only_the_sides(exam: Exam) -> None:
    properties.only_the_sides_swap(exam)


@quick
@given(any_exams(), st.data())
def test_K02_untested_is_never_evidence(exam: Exam, data: st.DataObject) -> None:
    properties.untested_is_never_evidence(exam, data)


def test_K02_a_finding_that_was_not_tested_is_listed_as_missing() -> None:
    report = localize(Findings.build(unsided={"gait_pattern": "steppage"}, left={"ankle_dorsiflexion": "2"}))
    missing = {item.finding for item in report.missing}
    assert {"hip_abduction", "ankle_inversion", "knee_flexion", "dorsum_foot", "ankle_reflex"} <= missing
    assert "ankle_dorsiflexion" not in missing
    assert "gait_pattern" not in missing


@quick
@given(any_exams(), st.sampled_from(sorted(properties.normal_at())))
def test_a_normal_finding_never_helps_a_site_where_it_is_unexpected(exam: Exam, name: str) -> None:
    properties.normal_does_not_help(exam, name)


def test_a_fibular_lesion_leaves_normal_what_its_nerve_does_not_reach() -> None:
    at = properties.normal_at()
    for name in ("hip_abduction", "knee_extension", "ankle_plantarflexion", "toe_flexion"):
        assert {"common_fibular", "deep_fibular"} <= set(at[name][1])
        assert at[name][0] == "5"
    assert "sciatic" in at["knee_extension"][1]
    assert "sciatic" not in at["ankle_plantarflexion"][1]
    assert "common_fibular" in at["emg_tibialis_posterior"][1]
    assert "root_L5" not in at["hip_abduction"][1]


@quick
@given(any_exams())
def test_the_answer_survives_json(exam: Exam) -> None:
    properties.the_answer_survives_json(exam)


@quick
@given(any_exams())
def test_the_findings_survive_a_case_file(exam: Exam) -> None:
    properties.the_findings_survive_a_case_file(exam)


@settings(parent=quick, max_examples=200)
@given(malformed())
def test_every_fault_is_refused_with_file_finding_and_values(faulty: Faulty) -> None:
    properties.a_fault_is_refused(faulty)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("site = []\n[findings]\n", ("site", "root_L5")),
        ('also = [""]\n[findings]\n', ("also", "root_L5")),
        (f"[findings]\nage = 1{'0' * 400}\n", ("age", "Allowed: a number from 0 to 120")),
        (f"[findings]\nage = 1{'0' * 5000}\n", ("not a readable TOML file",)),
        (f"[findings]\nage = {'[' * 5000}\n", ("not a readable TOML file",)),
    ],
    ids=["list of sites", "empty further answer", "long number", "longer number", "deep list"],
)
def test_faults_that_once_ended_in_a_crash_are_refused(text: str, named: tuple[str, ...]) -> None:
    properties.a_fault_is_refused(Faulty(text, named))


def test_too_early_a_normal_study_helps_no_site_against_one_that_predicts_it() -> None:
    leg = {"ankle_dorsiflexion": "0", "ankle_reflex": "absent", "hip_abduction": "5", "tone": "spastic"}
    once: dict[str, str | float] = {"days_onset_to_edx": 7, "onset": "sudden", "precipitant": "none"}
    exam = Exam(unsided=once, left=leg, right={})
    for name in ("emg_tibialis_posterior", "emg_gastrocnemius", "emg_paraspinals"):
        properties.normal_does_not_help(exam, name)


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
