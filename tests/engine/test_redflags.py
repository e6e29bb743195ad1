"""Each red-flag rule and the tripwire fire on each of their lines, without the engine, citing findings."""

from __future__ import annotations

import sys

import pytest

from localization import CATALOGUE, SITES, Findings, Value, red_flag_questions, red_flags
from localization.casefile import Case
from localization.posterior import posterior
from localization.redflags import Condition, parse_line, rules
from localization.tripwire import central_tripwire, lines
from tests.engine.cases import published

LINES = [(name, number) for name, lines in rules().items() for number in range(len(lines))]


def fulfilling(condition: Condition) -> Value:
    if condition.at_least is not None:
        return condition.at_least
    if condition.at_most is None:
        return condition.values[0]
    return f"{condition.at_most:g}"


def exam_for(line: tuple[Condition, ...], side: str) -> Findings:
    unsided = {part.finding: fulfilling(part) for part in line if not CATALOGUE[part.finding].sided}
    leg = {part.finding: fulfilling(part) for part in line if CATALOGUE[part.finding].sided}
    return Findings.build(
        unsided=unsided, left=leg if side == "left" else {}, right=leg if side == "right" else {}
    )


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


@pytest.mark.parametrize("number", range(len(lines())))
@pytest.mark.parametrize("side", ["left", "right"])
def test_each_line_of_the_tripwire_raises_it(number: int, side: str) -> None:
    line = lines()[number]
    tripwire = central_tripwire(exam_for(line.when, side))
    assert tripwire is not None
    assert {part.finding for part in line.when} <= {item.finding for item in tripwire.cited}
    assert line.note in tripwire.text
    others = {other.note for other in lines()} - {line.note, ""}
    assert not any(note in tripwire.text for note in others)
    assert tripwire.source
    for item in tripwire.cited:
        assert item.text in tripwire.text
        if CATALOGUE[item.finding].sided:
            assert f"patient's {side.upper()}" in item.text
    for missing in line.when:
        rest = tuple(part for part in line.when if part is not missing)
        assert central_tripwire(exam_for(rest, side)) is None


def test_the_tripwire_quotes_what_was_recorded_and_each_note_once() -> None:
    leg: dict[str, Value] = {"knee_reflex": "brisk", "ankle_reflex": "brisk", "ankle_dorsiflexion": "2"}
    tripwire = central_tripwire(Findings.build(left=leg, right={"plantar_response": "extensor"}))
    assert tripwire is not None
    assert [(item.finding, item.side) for item in tripwire.cited] == [
        ("plantar_response", "right"),
        ("knee_reflex", "left"),
        ("ankle_reflex", "left"),
    ]
    assert tripwire.text.count("can be normal for the person") == 1
    assert "Plantar response extensor, patient's RIGHT" in tripwire.text


def test_normal_signs_and_a_plain_fibular_picture_leave_the_tripwire_alone() -> None:
    once: dict[str, Value] = {"gait_pattern": "steppage", "arm_symptoms": "no", "sensory_level": "no"}
    leg: dict[str, Value] = {
        "ankle_dorsiflexion": "2",
        "plantar_response": "flexor",
        "ankle_clonus": "no",
        "knee_reflex": "normal",
        "tone": "normal",
    }
    assert central_tripwire(Findings.build(unsided=once, left=leg)) is None


def test_a_needle_study_counts_for_the_tripwire_only_when_it_came_late_enough() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "2", "emg_tibialis_anterior": "normal"}

    def raised(days: float) -> bool:
        return central_tripwire(Findings.build(unsided={"days_onset_to_edx": days}, left=leg)) is not None

    assert (raised(20.0), raised(21.0)) == (False, True)


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
