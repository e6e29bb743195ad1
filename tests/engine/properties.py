"""What must hold for any examination, said once for the short and the long tier."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from localization import CATALOGUE, SITES, Findings, localize
from localization.anatomy import loss_of, patterns, supplies
from localization.casefile import CaseError, parse_case
from localization.casetext import case_text
from localization.knowledge import read
from localization.likelihood import weighs
from localization.posterior import posterior
from tests.engine.exams import Exam
from tests.engine.malformed import Faulty

SETTING = "physiotherapy_clinic"
# What no muscle's anatomy tells: the value that is normal, and sites of which it is expected.
NORMAL_AT = {
    "plantar_response": ("flexor", ["sciatic", "common_fibular", "root_L5"]),
    "sensory_level": ("no", ["common_fibular", "root_L5"]),
}
# findings of the same muscles: where one of them is abnormal, full strength is no longer what a site predicts
SAME_FACT = {
    "hip_abduction": ("trendelenburg_sign", "emg_gluteus_medius", "hip_abduction_force_n", "gait_pattern"),
}


@cache
def normal_at() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return for each finding its normal value, and every site whose lesions leave it normal.

    Which movements and needle studies a lesion leaves alone is read from the anatomy: no share is lost
    in any pattern, in any person. Dorsiflexion is what brings the patient, and disease of the hip itself may
    show in the needle study of its abductors at any site: no site leaves these two normal.
    """
    anatomy, never = read("anatomy"), {"ankle_dorsiflexion", read("instrument")["hip"]["needle"]}
    spared = {name: (value, tuple(at)) for name, (value, at) in NORMAL_AT.items()}
    for kind, value in (("actions", "5"), ("needles", "normal")):
        for name in anatomy["action"] if kind == "actions" else anatomy["needle"]:
            at = tuple(site for site in SITES if not _takes(site, kind, name))
            if at and name not in never:
                spared[name] = (value, at)
    return spared


def _takes(site: str, kind: str, name: str) -> bool:
    """Return whether some lesion of a site takes a share of a movement or a muscle's supply."""
    return any(
        getattr(loss_of(pattern, supply), kind)[name] > 0.0
        for pattern in patterns()
        if pattern.site == site
        for supply in supplies(pattern)
    )


def sums_to_one(exam: Exam, setting: str) -> None:
    chances = posterior(exam.findings(), setting)
    assert math.isclose(sum(chances.values()), 1.0, abs_tol=1e-9)
    assert all(0.0 < chance < 1.0 for chance in chances.values())


def order_does_not_matter(exam: Exam, order: list[str]) -> None:
    first, second = localize(exam.findings()), localize(exam.shuffled(order).findings())
    assert first == second
    assert first.to_json() == second.to_json()


def told_apart(exam: Exam) -> Exam:
    """The exam, with a side named where both legs are alike: unnamed, LEFT would stand for either."""
    if exam.findings().index != exam.mirrored().findings().index:
        return exam
    return replace(exam, unsided={**exam.unsided, "side": "left"})


def only_the_sides_swap(exam: Exam) -> None:
    sided = told_apart(exam)
    here, there = sided.findings(), sided.mirrored().findings()
    assert here.index != there.index
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
    value, predicting = normal_at()[name]
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
    for site in set(SITES) - set(predicting):
        for other in predicting:
            change = math.log(after[site] / after[other]) - math.log(before[site] / before[other])
            assert change < 1e-9, (name, site, other, change)


def the_answer_survives_json(exam: Exam) -> None:
    answer = localize(exam.findings()).to_json()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def the_findings_survive_a_case_file(exam: Exam) -> None:
    found = exam.findings()
    read_again = parse_case("written", case_text(found, {"id": "written", "note": '"L5"\\\x7f'})).findings
    assert read_again.unsided == found.unsided
    assert read_again.index_values == found.index_values
    assert read_again.contra_values == found.contra_values
    if found.unsided.get("side") in {"left", "right"}:
        assert read_again == found


def a_fault_is_refused(faulty: Faulty) -> None:
    with pytest.raises(CaseError) as refused:
        parse_case("ward/patient.toml", faulty.text)
    said = str(refused.value)
    assert said.startswith("ward/patient.toml: ")
    assert all(words in said for words in faulty.named), (said, faulty.named)
