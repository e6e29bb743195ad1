"""A leg paralysed all over, a level on the trunk, a stroke: brain and cord must stay in sight."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from localization import SITES, Findings, Value
from localization.posterior import posterior

SETTING = "physiotherapy_clinic"
LEG = ("hip_flexion", "knee_extension", "knee_flexion", "ankle_dorsiflexion", "ankle_plantarflexion")
GRADES = ("4-", "3", "2", "1", "0")
STROKE: dict[str, Value] = {
    "onset": "sudden",
    "age": 70,
    "side": "left",
    "arm_symptoms": "yes",
    "face_or_speech": "yes",
}
ACROSS: dict[str, Value] = {
    "onset": "days",
    "side": "bilateral",
    "sensory_level": "yes",
    "bladder_bowel": "yes",
}
UPPER: dict[str, Value] = {"plantar_response": "extensor", "knee_reflex": "brisk"}
# What a group must keep, whatever the grades say: it leads where the signs are plain.
LEADS, IN_SIGHT = 0.6, 0.05


def central(findings: Findings) -> float:
    chances: Mapping[str, float] = posterior(findings, SETTING)
    return sum(chance for site, chance in chances.items() if SITES[site].group == "central")


@pytest.mark.parametrize("grade", GRADES)
def test_a_stroke_with_arm_and_face_leads_to_the_brain_at_every_grade(grade: str) -> None:
    leg = dict.fromkeys(LEG, grade)
    assert central(Findings.build(unsided=STROKE, left=leg)) > LEADS


@pytest.mark.parametrize("grade", GRADES)
def test_both_legs_with_a_level_and_the_bladder_lead_to_the_cord_at_every_grade(grade: str) -> None:
    leg = dict.fromkeys(LEG, grade)
    assert central(Findings.build(unsided=ACROSS, left=leg, right=leg)) > LEADS
    with_signs = Findings.build(unsided=ACROSS, left=leg | UPPER, right=leg | UPPER)
    assert posterior(with_signs, SETTING)["spinal_cord"] > LEADS


@pytest.mark.parametrize("grade", GRADES)
def test_a_level_on_the_trunk_is_not_outweighed_by_a_paralysed_leg(grade: str) -> None:
    leg = dict.fromkeys(LEG, grade)
    findings = Findings.build(unsided={"side": "left", "sensory_level": "yes"}, left=leg)
    assert central(findings) > LEADS


def test_a_limp_leg_without_jerks_days_after_the_onset_may_still_be_the_cord() -> None:
    leg = dict.fromkeys(LEG, "0") | {"tone": "flaccid", "knee_reflex": "absent", "ankle_reflex": "absent"}
    findings = Findings.build(unsided={"side": "bilateral", "onset": "days"}, left=leg, right=leg)
    assert central(findings) > IN_SIGHT


def test_a_plegic_leg_of_sudden_onset_is_not_called_functional_for_want_of_reflexes() -> None:
    numb = dict.fromkeys(("dorsum_foot", "sole", "lateral_leg", "medial_leg"), "reduced")
    leg = dict.fromkeys(LEG, "2") | {"ankle_inversion": "2", "toe_flexion": "2"} | numb
    history: dict[str, Value] = {
        "onset": "sudden",
        "age": 71,
        "painless": "yes",
        "arm_symptoms": "yes",
        "side": "left",
    }
    findings = Findings.build(unsided=history | {"gait_pattern": "circumduction"}, left=leg)
    chances = posterior(findings, SETTING)
    assert chances["functional"] < chances["brain"]
