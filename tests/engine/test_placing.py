"""A level is named only when enough was found, nothing contradicts it and the patient is within scope."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest

from localization import CATALOGUE, PHRASES, Findings, Value, localize, pathway, red_flag_findings
from localization.casefile import parse_case
from localization.likelihood import weighs

FIBULAR: dict[str, Value] = {
    "ankle_dorsiflexion": "2",
    "ankle_eversion": "3",
    "ankle_inversion": "5",
    "hip_abduction": "5",
    "dorsum_foot": "reduced",
}


def test_a_clear_picture_is_placed_with_its_detail_and_side_in_words() -> None:
    report = localize(Findings.build(right=FIBULAR))
    assert report.placement == "placed"
    assert report.leading is not None
    assert (report.leading.site, report.leading.detail) == ("common_fibular", "neck")
    assert "common fibular nerve (at the fibular neck; weak side: patient's RIGHT)" in report.headline
    assert "not a diagnosis" in report.headline


def test_a_group_leads_where_no_single_site_does() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "2", "hip_abduction": "3"}
    report = localize(Findings.build(unsided={"gait_pattern": "steppage"}, left=leg))
    assert report.placement == "group"
    assert "nerve roots or cauda equina" in report.headline
    assert len(report.possible) > 1
    assert report.not_apart


@pytest.mark.parametrize("size", [0, 1, 2])
def test_K03_every_subset_below_the_minimum_is_not_placed(size: int) -> None:
    for names in combinations(FIBULAR, size):
        report = localize(Findings.build(left={name: FIBULAR[name] for name in names}))
        assert report.placement == "too_few"
        assert report.leading is None
        assert report.headline.startswith("The level cannot be placed with what was recorded.")
        assert report.next_tests
        assert {entry.band.id for entry in report.ranked} == {"not_placed"}


def test_K03_history_alone_does_not_place() -> None:
    once = {"onset": "days", "back_pain": "yes", "radiating_leg_pain": "yes", "precipitant": "lifting"}
    assert localize(Findings.build(unsided=once)).placement == "too_few"


def random_exam(rng: random.Random) -> Findings:
    """Return an exam whose every answer is drawn blindly: it fits no single lesion."""
    unsided: dict[str, Value] = {}
    leg: dict[str, Value] = {}
    for name, finding in CATALOGUE.findings.items():
        if weighs(name) and finding.group not in {"history", "measured"}:
            offered = [value.token for value in finding.scale.values if value.offered]
            (leg if finding.sided else unsided)[name] = rng.choice(offered)
    leg["ankle_dorsiflexion"] = rng.choice(["0", "1", "2", "3", "4"])
    return Findings.build(unsided=unsided, left=leg)


def test_K03_contradictory_findings_name_no_level() -> None:
    rng = random.Random(7)  # noqa: S311 - made-up exams, not secrets
    for _ in range(60):
        report = localize(random_exam(rng))
        assert report.placement == "contradiction"
        assert report.leading is None
        assert "contradict one another" in report.headline


def test_a_child_is_outside_the_scope_but_the_posterior_stays_complete() -> None:
    report = localize(Findings.build(unsided={"age": 9}, left=FIBULAR))
    assert report.placement == "scope"
    assert report.leading is None
    assert PHRASES["scope_reasons"]["child"] in report.headline
    assert sum(report.posterior.values()) == pytest.approx(1.0)


def test_full_strength_on_both_sides_is_no_foot_drop() -> None:
    report = localize(Findings.build(left={"ankle_dorsiflexion": "5"}, right={"ankle_dorsiflexion": "5"}))
    assert report.placement == "no_foot_drop"
    assert report.headline == PHRASES["opening_none"]


def test_what_is_not_explained_is_named() -> None:
    leg = {**FIBULAR, "hoover_sign": "positive", "fibular_conduction_block_at_neck": "yes"}
    report = localize(Findings.build(left=leg))
    assert [item.finding for item in report.unexplained] == ["hoover_sign"]
    assert any("Hoover sign positive, patient's LEFT" in notice for notice in report.notices)


def test_a_sudden_painless_foot_drop_carries_the_caution_about_the_brain() -> None:
    once = {"onset": "sudden", "painless": "yes", "precipitant": "none"}
    plain = {name: value for name, value in FIBULAR.items() if name != "dorsum_foot"}
    said = "can come from the brain"
    assert any(said in notice for notice in localize(Findings.build(unsided=once, left=plain)).notices)
    painful = localize(Findings.build(unsided={**once, "painless": "no"}, left=plain))
    numb = localize(Findings.build(unsided=once, left=FIBULAR))
    assert not any(said in notice for report in (painful, numb) for notice in report.notices)


def test_a_sudden_foot_drop_of_which_no_more_is_known_carries_the_caution_too() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "0", "ankle_clonus": "no"}
    report = localize(Findings.build(unsided={"onset": "sudden"}, left=leg))
    assert any("can come from the brain" in notice for notice in report.notices)


def test_what_would_help_begins_with_dorsiflexion_where_nothing_shows_the_drop() -> None:
    leg: dict[str, Value] = {"hip_abduction": "3", "ankle_inversion": "4", "slr": "positive"}
    report = localize(Findings.build(left=leg))
    assert report.placement == "too_few"
    assert "Most useful next: Ankle dorsiflexion, " in report.headline
    tested = localize(Findings.build(left={"ankle_dorsiflexion": "2"}))
    assert "Ankle dorsiflexion" not in tested.headline


def test_notices_say_which_red_flag_questions_were_not_asked() -> None:
    report = localize(Findings.build(unsided={"bladder_bowel": "no"}, left=FIBULAR))
    (notice,) = [notice for notice in report.notices if "Red flags" in notice]
    assert "none recorded; not asked:" in notice
    assert "Onset" in notice
    assert "Bladder" not in notice


def test_all_asked_is_said_only_when_every_question_and_sign_has_a_value() -> None:
    once: dict[str, Value] = {"onset": "months", "precipitant": "leg_crossing", "saddle": "normal"}
    leg = dict(FIBULAR)
    for name in red_flag_findings():
        finding = CATALOGUE[name]
        values = leg if finding.sided else once
        normal = [
            value.token for value in finding.scale.values if finding.state_of(value.token) != "abnormal"
        ]
        values.setdefault(name, normal[0] if finding.abnormal != "neutral" else "no")
    said = "none recorded; all"
    other = {**leg, "ankle_dorsiflexion": "5"}
    report = localize(Findings.build(unsided=once, left=leg, right=other))
    assert any(said in notice for notice in report.notices)
    del leg["ankle_clonus"]
    report = localize(Findings.build(unsided=once, left=leg, right=other))
    assert not any(said in notice for notice in report.notices)
    assert any("not asked: Ankle clonus" in notice for notice in report.notices)


def test_a_sign_of_one_leg_only_is_open_on_the_other_side_in_words() -> None:
    report = localize(Findings.build(right={**FIBULAR, "ankle_clonus": "no"}))
    (notice,) = [notice for notice in report.notices if "Red flags" in notice]
    assert "Ankle clonus (patient's LEFT)" in notice
    assert "Plantar response, " in notice


def test_the_report_and_its_document_name_the_same_open_questions_and_signs() -> None:
    report = localize(Findings.build())
    (notice,) = [notice for notice in report.notices if "Red flags" in notice]
    labels = ", ".join(CATALOGUE[name].label for name in red_flag_findings())
    assert notice == PHRASES["red_flags_none_some_unasked"].format(not_asked=labels)


def test_grades_are_tried_a_step_up_and_down() -> None:
    report = localize(Findings.build(left=FIBULAR))
    # two trials for each of 2 and 3, one for each 5
    assert "in 6 of 6 trials" in report.stable


def test_at_least_two_further_levels_stay_visible() -> None:
    report = localize(Findings.build(left=FIBULAR))
    assert len(report.ranked) >= 3
    assert report.ranked[0].site == "common_fibular"
    assert all(entry.against for entry in report.ranked[1:])


def test_a_complete_examination_of_one_lesion_is_not_called_contradictory() -> None:
    """Sixty findings always hold some that the site predicts a little worse than another would."""
    strong = dict.fromkeys(pathway(Findings.build(), None, side="left").muscles, "5")
    sound = dict.fromkeys(["medial_leg", "lateral_thigh", "posterior_thigh"], "normal")
    jerks = {"knee_reflex": "normal", "plantar_response": "flexor", "ankle_clonus": "no", "tone": "normal"}
    weak = {
        "ankle_dorsiflexion": "2",
        "great_toe_extension": "2",
        "toe_extension": "2",
        "ankle_eversion": "3",
        "ankle_inversion": "3",
        "ankle_plantarflexion": "3",
        "toe_flexion": "3",
        "knee_flexion": "4",
        "hip_abduction": "4",
        "ankle_reflex": "absent",
        "lateral_foot": "reduced",
        "sole": "reduced",
        "posterior_thigh": "reduced",
        "dorsum_foot": "reduced",
    }
    once: dict[str, Value] = {
        "saddle": "reduced",
        "bladder_bowel": "yes",
        "back_pain": "yes",
        "radiating_leg_pain": "yes",
        "side": "bilateral",
        "onset": "sudden",
        "gait_pattern": "steppage",
    }
    leg: dict[str, Value] = {**strong, **sound, **jerks, **weak}
    report = localize(Findings.build(unsided=once, left=leg, right=leg))
    assert report.placement == "placed"
    assert report.leading is not None
    assert report.leading.site == "cauda_equina"


@pytest.mark.parametrize("name", ["tv-functional-after-fall", "tv-functional-dragging"])
def test_functional_weakness_is_named_only_with_a_positive_sign_of_its_own(name: str) -> None:
    path = Path(__file__).parent.parent / "vignettes" / f"{name}.toml"
    whole = parse_case(name, path.read_text(encoding="utf-8")).findings
    legs = [
        {
            finding: value
            for finding, value in leg.items()
            if finding not in {"hoover_sign", "hip_abductor_sign"}
        }
        for leg in (whole.left, whole.right)
    ]
    without = localize(Findings.build(unsided=whole.unsided, left=legs[0], right=legs[1]))
    assert without.groups["functional"] > 0.6
    assert (without.placement, without.leading) == ("undecided", None)
    with_sign = localize(whole)
    assert with_sign.leading is not None
    assert with_sign.leading.site == "functional"


def _unremarkable(name: str) -> Value:
    values = CATALOGUE[name].scale.values
    found = (value.token for value in values if value.state == "normal" or value.token in {"no", "none"})
    return next(found, values[0].token)


def test_sites_not_told_apart_when_everything_is_tested_promise_no_further_test() -> None:
    asked = [name for name, found in CATALOGUE.findings.items() if found.scale.kind == "choice"]
    sound = {name: _unremarkable(name) for name in asked if CATALOGUE[name].sided}
    unsided = {name: _unremarkable(name) for name in asked if not CATALOGUE[name].sided}
    unsided = {name: value for name, value in unsided.items() if name not in {"sex", "side"}}
    weak = dict.fromkeys(("ankle_dorsiflexion", "great_toe_extension", "toe_extension"), "3")
    report = localize(Findings.build(unsided=unsided, left={**sound, **weak}, right=sound))
    assert report.not_apart.startswith("Not told apart with what was tested: ")
    assert report.not_apart.endswith("common fibular nerve.")
    assert "Most useful next" not in report.not_apart
