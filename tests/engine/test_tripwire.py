"""The tripwire for brain and cord: each line raises it, and it quotes what was recorded."""

from __future__ import annotations

import pytest

from localization import CATALOGUE, Findings, Value
from localization.tripwire import central_tripwire, lines
from tests.engine.fulfilled import exam_for


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
