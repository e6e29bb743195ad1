"""Each red-flag rule fires on each of its lines, without the engine, and a hold quiets it only when whole."""

from __future__ import annotations

import sys

import pytest

from localization import CATALOGUE, SITES, Findings, Value, red_flag_questions, red_flags
from localization.casefile import Case
from localization.evaluation.danger import dangerous
from localization.knowledge import read
from localization.posterior import posterior
from localization.redflags import cite, holds, parse_line, rules
from localization.reference import page
from localization.tripwire import central_tripwire
from tests.engine.cases import published
from tests.engine.fulfilled import exam_for
from tests.engine.test_vignettes import vignettes, without

LINES = [(name, number) for name, lines in rules().items() for number in range(len(lines))]


@pytest.mark.parametrize(("name", "number"), LINES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_each_line_fires_its_rule(name: str, number: int, side: str) -> None:
    line = rules()[name][number]
    fired = {flag.id: flag for flag in red_flags(exam_for(line, side))}
    assert name in fired
    flag = fired[name]
    assert {part.finding for part in line} <= {item.finding for item in flag.cited}
    assert flag.say == "Follow your local urgent pathway."
    assert flag.source
    for item in flag.cited:
        assert item.text in flag.banner
        if CATALOGUE[item.finding].sided:
            assert f"patient's {side.upper()}" in item.text


@pytest.mark.parametrize(("name", "number"), LINES)
def test_a_line_needs_all_its_parts(name: str, number: int) -> None:
    line = rules()[name][number]
    for missing in line:
        rest = tuple(part for part in line if part is not missing)
        others = [other for place, other in enumerate(rules()[name]) if place != number]
        still = {flag.id for flag in red_flags(exam_for(rest, "left"))}
        covered = any(set(other) <= set(rest) for other in others)
        assert (name in still) == covered


# For each hold, by rule and place: what makes the rule fire, what quiets it, and the nearest that must not.
COMPRESSED: dict[str, Value] = {"precipitant": "immobility", "onset": "sudden", "painless": "no"}
ROOT_PAIN: dict[str, Value] = {"ankle_dorsiflexion": "2", "radiating_leg_pain": "yes", "onset": "sudden"}
HELD: dict[tuple[str, int], tuple[dict[str, Value], dict[str, Value], dict[str, Value]]] = {
    ("cauda_equina", 0): (
        {"side": "bilateral", "back_pain": "yes", "onset": "days"},
        {"bladder_bowel": "no", "saddle": "normal", "face_or_speech": "yes"},
        {"bladder_bowel": "no", "saddle": "normal", "face_or_speech": "no"},
    ),
    ("stroke_tia", 0): (
        {"arm_symptoms": "yes", "onset": "sudden"},
        {"days_since_onset": 15.0},
        {"days_since_onset": 14.0},
    ),
    ("gbs_rapid_symmetric", 0): (
        {"side": "bilateral", "progressive": "yes", "onset": "weeks"},
        {"days_since_onset": 29.0},
        {"days_since_onset": 28.0, "ankle_reflex": "normal", "knee_reflex": "normal"},
    ),
    ("breathing_swallowing", 0): (
        {"face_or_speech": "yes", "progressive": "yes"},
        {"onset": "months"},
        {"onset": "weeks"},
    ),
    ("acute_spinal_foot_drop", 0): (
        ROOT_PAIN,
        {"back_pain": "no", "fibular_neck_mass": "yes"},
        {"back_pain": "no", "fibular_neck_mass": "no", "local_knee_pain": "yes"},
    ),
    ("acute_spinal_foot_drop", 1): (
        ROOT_PAIN,
        {"back_pain": "no", "progressive": "no", "precipitant": "labour"},
        {"back_pain": "no", "progressive": "no", "precipitant": "leg_crossing"},
    ),
    ("compartment_syndrome", 0): (COMPRESSED, {"days_since_onset": 4.0}, {"days_since_onset": 3.0}),
    ("slow_progressive", 0): (
        {"progressive": "yes", "arm_symptoms": "yes"},
        {"onset": "days", "days_since_onset": 28.0},
        {"onset": "days", "days_since_onset": 29.0},
    ),
}


def exam_of(*parts: dict[str, Value]) -> Findings:
    """The left leg is the weak one."""
    values = {name: value for part in parts for name, value in part.items()}
    return Findings.build(
        unsided={name: value for name, value in values.items() if not CATALOGUE[name].sided},
        left={name: value for name, value in values.items() if CATALOGUE[name].sided},
    )


def urgency_of(rule: str, findings: Findings) -> str:
    """At which urgency the rule fires, empty where it does not."""
    return next((flag.urgency for flag in red_flags(findings) if flag.id == rule), "")


def test_every_hold_is_tried() -> None:
    assert set(HELD) == {(name, number) for name, rows in holds().items() for number in range(len(rows))}


def test_what_keeps_its_danger_is_lowered_and_not_silenced() -> None:
    instead = {name: {hold.instead for hold in rows} for name, rows in holds().items() if rows}
    assert instead == {
        "cauda_equina": {""},
        "stroke_tia": {"urgent"},
        "gbs_rapid_symmetric": {"urgent"},
        "breathing_swallowing": {"urgent"},
        "acute_spinal_foot_drop": {""},
        "compartment_syndrome": {""},
        "slow_progressive": {""},
    }


@pytest.mark.parametrize(("rule", "number"), HELD)
def test_a_hold_quiets_its_rule_only_when_all_of_it_is_recorded(rule: str, number: int) -> None:
    fires, quiet, nearly = HELD[rule, number]
    own, instead = read("redflags")["red_flag"][rule]["urgency"], holds()[rule][number].instead
    assert urgency_of(rule, exam_of(fires)) == own
    assert urgency_of(rule, exam_of(fires, quiet)) == instead
    assert urgency_of(rule, exam_of(fires, nearly)) == own
    for not_asked in quiet:
        rest = {name: value for name, value in quiet.items() if name != not_asked}
        assert urgency_of(rule, exam_of(fires, rest)) == own, not_asked


def test_a_lowered_rule_cites_what_lowered_it() -> None:
    fires, quiet, _ = HELD["stroke_tia", 0]
    (flag,) = (flag for flag in red_flags(exam_of(fires, quiet)) if flag.id == "stroke_tia")
    assert flag.urgency_label == "Urgent"
    assert {"arm_symptoms", "onset", "days_since_onset"} == {item.finding for item in flag.cited}
    assert all(item.text in flag.banner for item in flag.cited)


def test_a_lump_at_the_other_leg_quiets_nothing() -> None:
    once: dict[str, Value] = {"radiating_leg_pain": "yes", "onset": "days", "back_pain": "no"}
    weak: dict[str, Value] = {"ankle_dorsiflexion": "1"}
    other = Findings.build(unsided=once, left=weak, right={"fibular_neck_mass": "yes"})
    same = Findings.build(unsided=once, left=weak | {"fibular_neck_mass": "yes"})
    assert urgency_of("acute_spinal_foot_drop", other) == "same_day"
    assert urgency_of("acute_spinal_foot_drop", same) == ""


def test_both_legs_with_pain_stay_an_emergency_with_bladder_and_saddle_normal() -> None:
    asked: dict[str, Value] = {"bladder_bowel": "no", "saddle": "normal", "side": "bilateral"}
    assert urgency_of("cauda_equina", exam_of(asked, {"radiating_leg_pain": "yes"})) == "emergency"
    assert urgency_of("cauda_equina", exam_of(asked, {"back_pain": "yes", "onset": "days"})) == "emergency"


def test_whom_the_cauda_equina_rule_lets_go_another_rule_keeps() -> None:
    fires, quiet, _ = HELD["cauda_equina", 0]
    assert urgency_of("gbs_rapid_symmetric", exam_of(fires, quiet)) == "emergency"
    assert central_tripwire(exam_of(fires, quiet)) is not None
    fires, quiet, _ = HELD["slow_progressive", 0]
    assert urgency_of("rapid_single_limb", exam_of(fires, quiet)) == "urgent"


@pytest.mark.parametrize("case", [*published(), *vignettes()], ids=lambda case: str(case.name))
def test_what_is_left_unasked_quiets_only_rules_whose_lines_read_it(case: Case) -> None:
    whole = {flag.id for flag in red_flags(case.findings)}
    for name in {*case.findings.unsided, *case.findings.left, *case.findings.right}:
        less = {flag.id for flag in red_flags(without(case.findings, name))}
        for lost in whole - less:
            assert name in {part.finding for line in rules()[lost] for part in line}, lost


def test_the_reference_page_prints_every_hold() -> None:
    printed = page()
    for table in read("redflags")["red_flag"].values():
        for row in table.get("unless", ()):
            assert f"| {row['when'].replace('|', 'or')} |" in printed
            assert row["reason"] in printed


AT_MOST_EMERGENCIES = 0.10
"""How many patients without a lesion of brain, cord or cauda equina an emergency rule may stop."""
STRICT = tuple(case for case in published() if case.strict)
RIGHTLY = {
    "tv-muscle-compartment": "compartment_syndrome",
    "tv-nmj-myasthenia": "breathing_swallowing",
    "tv-plexus-tumour": "cord_compression_or_mscc",
    "tv-pnp-gbs": "gbs_rapid_symmetric",
}
"""The vignettes elsewhere in which an emergency rule fires, and the rule that is right to."""


def emergencies(cases: tuple[Case, ...]) -> dict[str, set[str]]:
    """Which emergency rules fire in the cases of another site, by case."""
    found = {
        case.name: {flag.id for flag in red_flags(case.findings) if flag.urgency == "emergency"}
        for case in cases
        if not dangerous(case)
    }
    return {name: fired for name, fired in found.items() if fired}


@pytest.mark.parametrize(("cases", "reached"), [(STRICT, (1, 30)), (vignettes(), (4, 41))])
def test_emergency_rules_seldom_fire_elsewhere(cases: tuple[Case, ...], reached: tuple[int, int]) -> None:
    others = sum(not dangerous(case) for case in cases)
    assert (len(emergencies(cases)), others) == reached
    assert len(emergencies(cases)) / others <= AT_MOST_EMERGENCIES


def test_the_emergencies_elsewhere_are_those_of_textbooks() -> None:
    fired = emergencies(vignettes())
    assert set(fired) == set(RIGHTLY)
    assert all(RIGHTLY[name] in flags for name, flags in fired.items())


def test_the_holds_cost_no_danger_its_flag() -> None:
    flagged = [case.name for case in STRICT if dangerous(case) and red_flags(case.findings)]
    assert len(flagged) >= 10
    assert all(red_flags(case.findings) for case in vignettes() if dangerous(case))


def test_nothing_recorded_raises_no_flag() -> None:
    assert red_flags(Findings.build()) == ()


def test_the_most_urgent_flag_comes_first() -> None:
    findings = Findings.build(
        unsided={"bladder_bowel": "yes", "progressive": "yes", "onset": "months", "painless": "yes"},
        left={"fibular_neck_mass": "yes"},
    )
    urgencies = [flag.urgency for flag in red_flags(findings)]
    assert urgencies == ["emergency", "urgent", "soon"]


@pytest.mark.parametrize(
    ("grade", "fires"), [("3", True), ("weak", True), ("3+", False), ("4", False), ("0", True)]
)
def test_the_grade_limit_counts_a_weakness_without_a_grade(grade: str, fires: bool) -> None:
    findings = Findings.build(
        unsided={"back_pain": "yes", "onset": "days"}, right={"ankle_dorsiflexion": grade}
    )
    assert ("acute_spinal_foot_drop" in {flag.id for flag in red_flags(findings)}) == fires


def test_the_questions_are_those_the_rules_read() -> None:
    asked = red_flag_questions()
    assert {"bladder_bowel", "onset", "progressive", "cancer", "fever_or_infection_risk"} <= set(asked)
    assert not {"age", "sex", "side", "saddle", "plantar_response"} & set(asked)
    assert all(CATALOGUE[name].position == "interview" for name in asked)


def test_red_flags_do_not_need_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("localization.engine", "localization.posterior", "localization.states", "numpy"):
        monkeypatch.setitem(sys.modules, module, None)
    findings = Findings.build(unsided={"saddle": "reduced"})
    assert [flag.id for flag in red_flags(findings)] == ["cauda_equina"]
    assert central_tripwire(Findings.build(unsided={"hemibody": "yes"})) is not None


def test_a_limit_from_below_is_for_numbers_only() -> None:
    with pytest.raises(ValueError, match="finding >= number"):
        parse_line("ankle_dorsiflexion >= 3")


DANGEROUS = {"brain", "spinal_cord", "cauda_equina"}


@pytest.mark.parametrize(
    "case",
    [case for case in published() if DANGEROUS & set(case.accepted)],
    ids=lambda case: str(case.name),
)
def test_no_published_patient_of_brain_cord_or_cauda_equina_goes_unseen(case: Case) -> None:
    """The level keeps one in twenty, or a red flag or the tripwire fires."""
    chances = posterior(case.findings, "physiotherapy_clinic")
    accepted = {SITES[site].group for site in case.accepted if site in DANGEROUS}
    kept = sum(chance for site, chance in chances.items() if SITES[site].group in accepted)
    assert kept >= 0.05 or red_flags(case.findings) or central_tripwire(case.findings)


@pytest.mark.parametrize(
    ("value", "said"),
    [("left", "Affected side: one leg only (patient's LEFT)"), ("bilateral", "Affected side: both legs")],
)
def test_the_side_is_quoted_for_what_it_weighs_one_leg_or_both(value: str, said: str) -> None:
    findings = Findings.build(unsided={"side": value}, left={"ankle_dorsiflexion": "2"})
    assert cite(findings, "side", None, value).text == said
