"""The catalogue holds every finding of the vocabulary, with exactly its values and sides."""

from __future__ import annotations

import pytest

from localization import CATALOGUE, FindingError, Findings

MRC = ["0", "1", "2-", "2", "2+", "3-", "3", "3+", "4-", "4", "4+", "5-", "5", "weak"]
YES_NO = ["yes", "no"]
SENSATION = ["normal", "reduced", "absent"]
REFLEX = ["absent", "reduced", "normal", "brisk", "clonus"]
ABLE = ("able", "unable")
NEEDLE = ("normal", "denervated")
NUMBER: tuple[str, ...] = ()
SIGN = ["negative", "positive"]

SIDED = {
    **dict.fromkeys(
        [
            "hip_flexion",
            "hip_abduction",
            "hip_adduction",
            "hip_extension",
            "knee_extension",
            "knee_flexion",
            "ankle_dorsiflexion",
            "great_toe_extension",
            "toe_extension",
            "ankle_eversion",
            "ankle_inversion",
            "ankle_plantarflexion",
            "toe_flexion",
        ],
        MRC,
    ),
    **dict.fromkeys(
        [
            "medial_leg",
            "lateral_leg",
            "dorsum_foot",
            "first_web_space",
            "lateral_foot",
            "sole",
            "posterior_thigh",
            "lateral_thigh",
        ],
        SENSATION,
    ),
    **dict.fromkeys(["knee_reflex", "ankle_reflex", "medial_hamstring_reflex"], REFLEX),
    "plantar_response": ["flexor", "extensor", "equivocal"],
    "ankle_clonus": YES_NO,
    "tone": ["flaccid", "normal", "spastic"],
    **dict.fromkeys(
        [
            "slr",
            "crossed_slr",
            "slump",
            "femoral_stretch",
            "tinel_fibular_neck",
            "tinel_sciatic",
            "trendelenburg_sign",
            "hoover_sign",
            "hip_abductor_sign",
        ],
        SIGN,
    ),
    **dict.fromkeys(["fibular_neck_mass", "cold_or_pulseless_foot"], YES_NO),
    **dict.fromkeys(["heel_walk", "toe_walk"], ABLE),
    **dict.fromkeys(["atrophy", "fasciculations", "local_knee_pain"], YES_NO),
    "fibular_conduction_block_at_neck": YES_NO,
    **dict.fromkeys(["superficial_fibular_snap", "sural_snap"], SENSATION),
    **dict.fromkeys(
        [
            "emg_tibialis_anterior",
            "emg_fibularis_longus",
            "emg_tibialis_posterior",
            "emg_gastrocnemius",
            "emg_biceps_femoris_short",
            "emg_gluteus_medius",
            "emg_paraspinals",
        ],
        NEEDLE,
    ),
    **dict.fromkeys(["hip_abduction_force_n", "dorsiflexion_force_n", "dorsiflexion_range_deg"], NUMBER),
}
ONCE = {
    "saddle": SENSATION,
    **dict.fromkeys(["stocking", "hemibody", "sensory_level", "walking_aid", "orthosis_worn"], YES_NO),
    "gait_pattern": [
        "normal",
        "steppage",
        "foot_slap",
        "trendelenburg",
        "steppage_with_trendelenburg",
        "circumduction",
        "scissor",
        "antalgic",
        "ataxic",
        "waddling",
    ],
    "sex": ["female", "male"],
    "side": ["left", "right", "bilateral"],
    "onset": ["sudden", "days", "weeks", "months", "years"],
    "precipitant": [
        "leg_crossing",
        "squatting",
        "weight_loss",
        "cast_or_compression",
        "knee_injury",
        "fibular_fracture",
        "hip_surgery",
        "knee_surgery",
        "gluteal_injection",
        "lithotomy",
        "immobility",
        "labour",
        "lifting",
        "spine_surgery",
        "fall",
        "none",
    ],
    **dict.fromkeys(
        [
            "progressive",
            "back_pain",
            "radiating_leg_pain",
            "painless",
            "diabetes",
            "alcohol",
            "cancer",
            "family_history",
            "bladder_bowel",
            "arm_symptoms",
            "face_or_speech",
            "cramps",
            "fever_or_infection_risk",
        ],
        YES_NO,
    ),
    **dict.fromkeys(
        ["age", "days_since_onset", "days_onset_to_edx", "body_mass_kg", "walk_10m_s", "walk_10m_fast_s"],
        NUMBER,
    ),
}


@pytest.mark.parametrize("name", [*SIDED, *ONCE])
def test_a_finding_of_the_vocabulary_is_in_the_catalogue(name: str) -> None:
    finding = CATALOGUE[name]
    assert finding.sided == (name in SIDED)
    expected = {**SIDED, **ONCE}[name]
    assert set(finding.scale.tokens) == set(expected)
    assert (finding.scale.kind == "number") == (not expected)
    assert finding.label
    assert finding.plain_label
    assert finding.how
    assert finding.minutes > 0


def test_the_catalogue_holds_nothing_else() -> None:
    assert set(CATALOGUE.findings) == {*SIDED, *ONCE}


def test_screens_offer_eight_grades() -> None:
    offered = [value.token for value in CATALOGUE.scales["mrc"].values if value.offered]
    assert offered == ["0", "1", "2", "3", "4-", "4", "4+", "5"]


def test_a_grade_is_read_back_with_a_minus_sign() -> None:
    assert CATALOGUE["hip_flexion"].value_label("4-") == "4−"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ankle_dorsiflexion", "6", "0, 1, 2-"),
        ("ankle_dorsiflexion", "reduced", "0, 1, 2-"),
        ("slr", "yes", "negative, positive"),
        ("age", "121", "0 to 120"),
        ("age", "old", "0 to 120"),
        ("age", float("nan"), "0 to 120"),
        ("walk_10m_s", 0.2, "1 to 600"),
    ],
)
def test_a_value_of_another_scale_is_refused_with_what_is_allowed(
    name: str, value: str, allowed: str
) -> None:
    with pytest.raises(FindingError) as refused:
        CATALOGUE[name].check(value)
    assert refused.value.finding == name
    assert allowed in refused.value.message
    assert CATALOGUE[name].label in refused.value.message


def test_an_unknown_finding_is_refused_by_name() -> None:
    with pytest.raises(FindingError, match="elbow_flexion"):
        Findings.build(left={"elbow_flexion": "5"})


def test_a_finding_recorded_once_is_refused_on_a_leg() -> None:
    with pytest.raises(FindingError, match="recorded once"):
        Findings.build(left={"onset": "days"})
    with pytest.raises(FindingError, match="left and the right"):
        Findings.build(unsided={"hip_abduction": "5"})


@pytest.mark.parametrize(
    ("left", "right", "side", "index"),
    [
        ("2", "5", None, "left"),
        ("5", "2", None, "right"),
        ("5", "weak", "left", "right"),
        ("3", "2", "left", "right"),
        ("3", "3", "right", "right"),
        ("3", "3", None, "left"),
        ("3", "3", "bilateral", "left"),
        (None, "4", None, "right"),
        (None, "4", "left", "left"),
        (None, None, "right", "right"),
        (None, None, None, "left"),
        ("weak", "4", "right", "right"),
    ],
)
def test_the_index_side_is_the_weaker_then_the_named_then_left(
    left: str | None, right: str | None, side: str | None, index: str
) -> None:
    findings = Findings.build(
        unsided={"side": side} if side else {},
        left={"ankle_dorsiflexion": left} if left else {},
        right={"ankle_dorsiflexion": right} if right else {},
    )
    assert findings.index == index


def test_a_case_file_without_a_side_says_affected_side() -> None:
    findings = Findings.from_case({"ankle_dorsiflexion": "2"})
    assert not findings.sides_known
    assert findings.index_values == {"ankle_dorsiflexion": "2"}
