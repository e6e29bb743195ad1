"""The drawing's lines follow the findings alone, its sites the ranking alone."""

from __future__ import annotations

from localization import Findings, Value, localize, pathway

FIBULAR: dict[str, Value] = {
    "hip_flexion": "5",
    "knee_extension": "5",
    "hip_abduction": "5",
    "knee_flexion": "5",
    "ankle_plantarflexion": "5",
    "ankle_dorsiflexion": "2",
    "great_toe_extension": "3",
    "toe_extension": "2",
    "ankle_eversion": "4-",
}


def test_the_level_appears_between_normal_and_affected_lines() -> None:
    drawing = pathway(Findings.build(left=FIBULAR), None, side="left")
    normal = {name for name, state in drawing.segments.items() if state == "is-normal"}
    affected = {name for name, state in drawing.segments.items() if state == "is-affected"}
    assert {"cauda-L5", "L5-plexus", "superior_gluteal", "sciatic_tibial", "tibial", "femoral"} <= normal
    assert {"deep_fibular", "superficial_fibular", "ankle_dorsiflexion", "ankle_eversion"} <= affected
    assert drawing.segments["sciatic_fibular"] == ""
    assert drawing.muscles["ankle_eversion"].text == "4−"
    assert drawing.muscles["ankle_eversion"].state == "is-weak"
    assert drawing.muscles["hip_adduction"].state == ""


def test_an_untested_leg_is_blank() -> None:
    drawing = pathway(Findings.build(left=FIBULAR), None, side="right")
    assert set(drawing.segments.values()) == {""}
    assert {mark.state for mark in drawing.muscles.values()} == {""}


def test_everything_weak_colours_the_whole_way() -> None:
    weak: dict[str, Value] = dict.fromkeys(pathway(Findings.build(), None, side="left").muscles, "3")
    drawing = pathway(Findings.build(left=weak), None, side="left")
    assert set(drawing.segments.values()) == {"is-affected"}


def test_sites_are_marked_on_the_weak_leg_only() -> None:
    findings = Findings.build(left=FIBULAR, right={"ankle_dorsiflexion": "5"})
    report = localize(findings)
    here, there = (pathway(findings, report, side=side) for side in ("left", "right"))
    assert here.sites["common_fibular"].rank == 1
    assert here.sites["common_fibular"].detail == "at the fibular neck"
    assert sorted(mark.rank for mark in here.sites.values())[-3:] == [1, 2, 3]
    assert {mark.rank for mark in there.sites.values()} == {0}


def test_no_site_is_marked_while_no_level_may_be_named() -> None:
    findings = Findings.build(left={"ankle_dorsiflexion": "2"})
    drawing = pathway(findings, localize(findings), side="left")
    assert {mark.rank for mark in drawing.sites.values()} == {0}


def test_the_title_names_the_side() -> None:
    assert pathway(Findings.build(), None, side="right").title == "Nerve pathway, patient's right leg"
