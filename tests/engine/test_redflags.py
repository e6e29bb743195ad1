"""Each red-flag rule fires on each of its lines, alone, without the engine, and cites what was recorded."""

from __future__ import annotations

import sys

import pytest

from localization import CATALOGUE, Findings, Value, red_flag_questions, red_flags
from localization.redflags import Condition, rules

LINES = [(name, number) for name, lines in rules().items() for number in range(len(lines))]


def fulfilling(condition: Condition) -> Value:
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
