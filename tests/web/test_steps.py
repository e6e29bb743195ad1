"""The order of asking: every finding once, in the position in which it is tested."""

from __future__ import annotations

from collections import Counter

import pytest

from exams.steps import (
    CORE_TESTS,
    KNOWN_BEFORE,
    STEPS,
    asked_findings,
    core_findings,
    step_asking,
    steps_for,
)
from localization import CATALOGUE, red_flag_questions

ORDER = ["interview", "standing", "sitting", "side_lying", "supine", "prone", "laboratory", "finish"]


def test_each_finding_of_the_catalogue_is_asked_in_exactly_one_step() -> None:
    asked = Counter(name for step in STEPS for name in step.finding_ids)
    assert {name for name, times in asked.items() if times != 1} == set()
    assert set(asked) == set(CATALOGUE.findings) - KNOWN_BEFORE


def test_each_finding_is_asked_in_a_position_in_which_it_can_be_tested() -> None:
    misplaced = [
        (step.slug, finding.id)
        for step in STEPS
        for finding in step.findings
        if step.position not in {finding.position, finding.position_alt}
    ]
    assert misplaced == []


def test_steps_follow_the_patients_position_and_never_go_back() -> None:
    numbers = [ORDER.index(step.position) for step in STEPS]
    assert numbers == sorted(numbers)


def test_red_flag_questions_come_before_every_other_finding() -> None:
    questions = set(red_flag_questions())
    order = [name for step in STEPS for name in step.finding_ids]
    assert set(order[: len(questions)]) == questions


def test_steps_are_small_named_and_guarded() -> None:
    assert max(len(step.finding_ids) for step in STEPS) <= 8
    assert len({step.slug for step in STEPS}) == len(STEPS)
    assert all(step.title and step.guard.endswith(".") for step in STEPS)


def test_the_core_protocol_asks_the_computed_questions_and_the_five_tests() -> None:
    assert core_findings() == set(red_flag_questions()) | set(CORE_TESTS)
    asked = {name for step in steps_for("core") for name in step.finding_ids}
    assert asked == core_findings()
    assert [step.slug for step in steps_for("core")][-2:] == ["impression", "check"]


def test_the_full_protocol_is_every_step() -> None:
    assert steps_for("full") == STEPS


def test_a_core_exam_opens_for_one_more_finding_at_its_place() -> None:
    steps = steps_for("core", {"ankle_inversion"})
    (ankle,) = [step for step in steps if step.slug == "ankle-and-toes"]
    assert ankle.finding_ids == ("ankle_dorsiflexion", "ankle_inversion")


@pytest.mark.parametrize("name", sorted(KNOWN_BEFORE))
def test_what_is_known_before_the_first_step_is_not_asked(name: str) -> None:
    assert name not in asked_findings()
    with pytest.raises(KeyError):
        step_asking(name)
