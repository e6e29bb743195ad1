"""What must hold for any examination, said once for the short and the long tier."""

from __future__ import annotations

import math

from hypothesis import assume
from hypothesis import strategies as st

from localization import CATALOGUE, Findings, localize
from localization.likelihood import weighs
from localization.posterior import posterior
from tests.engine.exams import Exam

SETTING = "physiotherapy_clinic"
NORMAL_AT = {
    "hip_abduction": ("5", ["sciatic", "common_fibular", "deep_fibular"]),
    "ankle_plantarflexion": ("5", ["common_fibular", "deep_fibular"]),
    "toe_flexion": ("5", ["common_fibular", "deep_fibular"]),
    "knee_extension": ("5", ["sciatic", "common_fibular"]),
    "plantar_response": ("flexor", ["sciatic", "common_fibular", "root_L5"]),
    "sensory_level": ("no", ["common_fibular", "root_L5"]),
}
# findings of the same muscles: where one of them is abnormal, full strength is no longer what a site predicts
SAME_FACT = {
    "hip_abduction": ("trendelenburg_sign", "emg_gluteus_medius", "hip_abduction_force_n", "gait_pattern")
}
OTHERS = (
    "root_L4",
    "root_L5",
    "roots_L5_S1",
    "lumbosacral_plexus",
    "cauda_equina",
    "polyneuropathy",
    "brain",
)


def sums_to_one(exam: Exam) -> None:
    chances = posterior(exam.findings(), SETTING)
    assert math.isclose(sum(chances.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 < chance < 1.0 for chance in chances.values())


def order_does_not_matter(exam: Exam, order: list[str]) -> None:
    first, second = localize(exam.findings()), localize(exam.shuffled(order).findings())
    assert first == second
    assert first.to_json() == second.to_json()


def only_the_sides_swap(exam: Exam) -> None:
    here, there = exam.findings(), exam.mirrored().findings()
    assume(here.index != there.index)  # with both legs alike and no side named, LEFT stands for either
    one, other = localize(here), localize(there)
    assert one.posterior == other.posterior
    assert one.placement == other.placement
    assert [entry.site for entry in one.ranked] == [entry.site for entry in other.ranked]
    assert [(item.finding, item.leg, item.weight) for item in one.reasons] == [
        (item.finding, item.leg, item.weight) for item in other.reasons
    ]
    assert {item.side for item in one.reasons if item.leg == "index"} <= {here.index}
    assert {item.side for item in other.reasons if item.leg == "index"} <= {there.index}
    assert one.headline.replace("LEFT", "·").replace("RIGHT", "LEFT").replace("·", "RIGHT") == other.headline


def untested_is_never_evidence(exam: Exam, data: st.DataObject) -> None:
    findings = exam.findings()
    recorded = [name for name in findings.index_values if weighs(name)]
    assume(recorded)
    dropped = data.draw(st.sampled_from(recorded))
    leg = {name: value for name, value in findings.index_values.items() if name != dropped}
    legs = (
        {"left": leg, "right": exam.right} if findings.index == "left" else {"left": exam.left, "right": leg}
    )
    without = Findings.build(unsided=exam.unsided, left=legs["left"], right=legs["right"])
    report = localize(without)
    cited = [*report.reasons, *(item for entry in report.ranked for item in (*entry.for_, *entry.against))]
    assert all(without.leg(item.side)[item.finding] == item.value for item in cited if item.side)
    assert posterior(without, SETTING) == dict(report.posterior)


def normal_does_not_help(exam: Exam, name: str) -> None:
    value, predicting = NORMAL_AT[name]
    bare = exam.without(name)
    for other in SAME_FACT.get(name, ()):
        bare = bare.without(other)
    once, legs = dict(bare.unsided), {"left": dict(bare.left), "right": dict(bare.right)}
    if CATALOGUE[name].sided:
        legs[bare.findings().index][name] = value
    else:
        once[name] = value
    before = posterior(bare.findings(), SETTING)
    after = posterior(Findings.build(unsided=once, left=legs["left"], right=legs["right"]), SETTING)
    for site in OTHERS:
        for other in predicting:
            change = math.log(after[site] / after[other]) - math.log(before[site] / before[other])
            assert change < 1e-9, (name, site, other, change)
