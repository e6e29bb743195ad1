"""The order of asking: which findings stand on which step, following the patient's position."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from localization import CATALOGUE, DECIDING, Finding, red_flag_questions

# Known from the patient and the exam before the first step, so never asked again.
KNOWN_BEFORE = frozenset({"age", "sex", "side"})
UNSIDED = ("",)
BOTH_SIDES = ("left", "right")
# The core protocol asks these after the red-flag questions, which are computed from the rules.
CORE_TESTS = ("gait_pattern", "heel_walk", "trendelenburg_sign", "hip_abduction", "ankle_dorsiflexion")
IMPRESSION = "impression"
CHECK = "check"
FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the exam: its findings in order, and the sentence that prevents the classic mistake.

    `consent` marks an intimate test: consent and chaperone are noted with its answer.
    """

    slug: str
    title: str
    position: str
    finding_ids: tuple[str, ...]
    guard: str
    consent: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The catalogue's entries for the findings of this step."""
        return tuple(CATALOGUE[name] for name in self.finding_ids)

    @property
    def graded(self) -> tuple[Finding, ...]:
        """The findings of this step that are graded 0 to 5."""
        return tuple(finding for finding in self.findings if finding.group == "strength")

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Every answer this step asks for, as (finding, side); LEFT before RIGHT."""
        return tuple((finding.id, side) for finding in self.findings for side in sides_of(finding))


def sides_of(finding: Finding) -> tuple[str, ...]:
    """Return the sides on which a finding is recorded; the empty side marks an unsided finding."""
    return BOTH_SIDES if finding.sided else UNSIDED


STEPS: tuple[Step, ...] = (
    Step(
        "red-flags",
        "Red flags",
        "interview",
        (
            "bladder_bowel",
            "face_or_speech",
            "arm_symptoms",
            "cancer",
            "fever_or_infection_risk",
            "fasciculations",
        ),
        "Ask every question aloud before touching the leg. What was not asked stays open, never no.",
    ),
    Step(
        "onset-and-pain",
        "Onset and pain",
        "interview",
        (
            "onset",
            "progressive",
            "precipitant",
            "back_pain",
            "radiating_leg_pain",
            "local_knee_pain",
            "painless",
        ),
        "Ask about the weeks before: pain may fade just as the foot becomes weak.",
    ),
    Step(
        "history",
        "History",
        "interview",
        ("days_since_onset", "atrophy", "cramps", "diabetes", "alcohol", "family_history", "body_mass_kg"),
        "Look at both shins for wasting. None in the first month says nothing.",
    ),
    Step(
        "gait",
        "Gait",
        "standing",
        (
            "gait_pattern",
            "heel_walk",
            "toe_walk",
            "walk_10m_s",
            "walk_10m_fast_s",
            "walking_aid",
            "orthosis_worn",
        ),
        "Take the brace off if that is safe. It hides the pattern.",
    ),
    Step(
        "one-leg-stand",
        "Standing on one leg",
        "standing",
        ("trendelenburg_sign", "ankle_plantarflexion"),
        "Record the leg that stands, not the leg that is lifted. Fingertips on the wall, no more.",
    ),
    Step(
        "slump-test",
        "Slump test",
        "sitting",
        ("slump",),
        "Release the neck before you call it positive. Hamstring stretch does not change with the neck.",
    ),
    Step(
        "hip-abduction",
        "Hip abduction",
        "side_lying",
        ("hip_abduction",),
        "Keep the pelvis stacked and the leg slightly behind. Drifting forward, other muscles lift it.",
    ),
    Step(
        "saddle",
        "Saddle area",
        "side_lying",
        ("saddle",),
        "Explain, ask consent, offer a chaperone. New numbness that the patient reports counts as reduced.",
        consent=True,
    ),
    Step(
        "hip-and-knee",
        "Hip and knee",
        "supine",
        ("hip_flexion", "hip_adduction", "knee_extension"),
        "One leg at a time, and stop short of a locked knee.",
    ),
    Step(
        "ankle-and-toes",
        "Ankle and toes",
        "supine",
        (
            "ankle_dorsiflexion",
            "great_toe_extension",
            "toe_extension",
            "ankle_eversion",
            "ankle_inversion",
            "toe_flexion",
        ),
        "Hold the ankle at neutral before every grade. A hanging foot misleads.",
    ),
    Step(
        "sensation",
        "Sensation",
        "supine",
        (
            "medial_leg",
            "lateral_leg",
            "dorsum_foot",
            "first_web_space",
            "lateral_foot",
            "sole",
            "lateral_thigh",
        ),
        "Eyes closed, same spot on both legs. Ask whether it feels the same or different.",
    ),
    Step(
        "sensory-patterns",
        "Sensory patterns",
        "supine",
        ("stocking", "hemibody", "sensory_level"),
        "Go on above the groin. A line on the trunk is missed by stopping there.",
    ),
    Step(
        "reflexes",
        "Reflexes, tone",
        "supine",
        ("knee_reflex", "ankle_reflex", "plantar_response", "ankle_clonus", "tone"),
        "Reinforce before you call a reflex absent. A silent toe is equivocal, not flexor.",
    ),
    Step(
        "straight-leg-raise",
        "Straight leg raise",
        "supine",
        ("slr", "crossed_slr"),
        "Move the dropped foot by hand. Record the leg that you lift, wherever it hurts.",
    ),
    Step(
        "fibular-neck",
        "Fibular neck, pulses",
        "supine",
        ("tinel_fibular_neck", "fibular_neck_mass", "cold_or_pulseless_foot"),
        "A tingling tap is weak evidence. Never let it outweigh inversion or hip abduction.",
    ),
    Step(
        "paired-leg-signs",
        "Paired leg signs",
        "supine",
        ("hoover_sign", "hip_abductor_sign"),
        "Pain and neglect give false positives. A positive sign leaves room for a second, structural lesion.",
    ),
    Step(
        "measured",
        "Force and range",
        "supine",
        ("hip_abduction_force_n", "dorsiflexion_force_n", "dorsiflexion_range_deg"),
        "Same position, same lever, same spot for the meter on both legs.",
    ),
    Step(
        "prone-tests",
        "Hip, hamstrings, thigh",
        "prone",
        ("hip_extension", "knee_flexion", "medial_hamstring_reflex", "posterior_thigh"),
        "Keep the pelvis flat on the couch. An arched back imitates hip extension.",
    ),
    Step(
        "nerve-stretch",
        "Nerve stretch and tap",
        "prone",
        ("femoral_stretch", "tinel_sciatic"),
        "Ask for the known pain. Stretch in the thigh or groin alone is negative.",
    ),
    Step(
        "nerve-studies",
        "Nerve studies",
        "laboratory",
        ("days_onset_to_edx", "fibular_conduction_block_at_neck", "superficial_fibular_snap", "sural_snap"),
        "Copy the laboratory's conclusion. What was not studied is not normal.",
    ),
    Step(
        "needle-emg",
        "Needle EMG",
        "laboratory",
        (
            "emg_tibialis_anterior",
            "emg_fibularis_longus",
            "emg_tibialis_posterior",
            "emg_gastrocnemius",
            "emg_biceps_femoris_short",
            "emg_gluteus_medius",
            "emg_paraspinals",
        ),
        "Mind the date. A normal needle study in the first two to three weeks says little.",
    ),
    Step(IMPRESSION, "My impression", FINISH, (), "Your own judgement, in your own words."),
    Step(CHECK, "Check and sign", FINISH, (), "Open answers first. What stays open prints as not tested."),
)


def core_findings() -> frozenset[str]:
    """Return what the core protocol asks: the red-flag questions and five tests."""
    return frozenset(red_flag_questions()) | frozenset(CORE_TESTS)


@cache
def asked_findings() -> frozenset[str]:
    """Return every finding that some step asks."""
    return frozenset(name for step in STEPS for name in step.finding_ids)


@cache
def protocol_findings(protocol: str) -> frozenset[str]:
    """Return the findings that a protocol asks from the start; raises KeyError for an unknown one."""
    # The shortest goes on as the engine suggests, which names no level before the drop itself was tested.
    begins = frozenset({*red_flag_questions(), DECIDING})
    return {"core": core_findings(), "shortest": begins, "full": asked_findings()}[protocol]


def required_findings(protocol: str) -> frozenset[str]:
    """Return the findings that need an answer of their own before signing."""
    return protocol_findings("core" if protocol == "full" else protocol)


def steps_for(protocol: str, extra: Collection[str] = ()) -> tuple[Step, ...]:
    """Return the steps of an exam: those that ask what its protocol asks, or a finding of `extra`."""
    wanted = protocol_findings(protocol).union(extra)
    asked = [tuple(name for name in step.finding_ids if name in wanted) for step in STEPS]
    narrowed = (replace(step, finding_ids=names) for step, names in zip(STEPS, asked, strict=True))
    return tuple(step for step in narrowed if step.finding_ids or step.position == FINISH)


def step_asking(finding: str) -> Step:
    """Return the step that asks a finding; raises KeyError for one that no step asks."""
    for step in STEPS:
        if finding in step.finding_ids:
            return step
    raise KeyError(finding)


def places_of(steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    """Yield every (finding, side) the steps ask for, in the order of asking."""
    for step in steps:
        yield from step.places
