"""The oldest idea: hip abduction and dorsiflexion share the L5 root but not the fibular nerve."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from localization import SITES, Findings, localize
from localization.posterior import posterior

GRADES = ("0", "1", "2-", "2", "2+", "3-", "3", "3+", "4-", "4", "4+", "5-", "5")
SETTING = "physiotherapy_clinic"


def foot_drop(hip: str, *, dorsiflexion: str = "2", **more: str) -> Findings:
    leg = {"ankle_dorsiflexion": dorsiflexion, "hip_abduction": hip, **more}
    return Findings.build(unsided={"gait_pattern": "steppage"}, left=leg)


def odds_of_roots(findings: Findings) -> float:
    chances = posterior(findings, SETTING)
    roots = sum(chance for site, chance in chances.items() if SITES[site].group == "root")
    return math.log(roots / chances["common_fibular"])


def test_strong_hip_abduction_puts_the_fibular_nerve_first() -> None:
    report = localize(foot_drop("5"))
    assert max(report.posterior, key=lambda site: report.posterior[site]) == "common_fibular"
    assert report.leading is not None
    assert report.leading.site == "common_fibular"


def test_weak_hip_abduction_puts_the_roots_first() -> None:
    report = localize(foot_drop("3"))
    assert max(report.groups, key=lambda group: report.groups[group]) == "root"
    assert report.leading is not None
    assert report.leading.group == "root"


@pytest.mark.parametrize("dorsiflexion", ["0", "1", "2", "3", "4", "weak"])
@pytest.mark.parametrize("more", [{}, {"ankle_inversion": "5"}, {"ankle_inversion": "3", "toe_flexion": "4"}])
def test_the_stronger_the_hip_the_less_a_root(dorsiflexion: str, more: dict[str, str]) -> None:
    odds = [odds_of_roots(foot_drop(hip, dorsiflexion=dorsiflexion, **more)) for hip in GRADES]
    assert all(later < earlier for earlier, later in pairwise(odds)), odds


def test_hip_and_one_leg_stand_and_needle_study_are_one_fact() -> None:
    """Three views of gluteus medius together must weigh far less than three separate witnesses."""
    bare = odds_of_roots(Findings.build(left={"ankle_dorsiflexion": "2"}))
    views = {"hip_abduction": "3", "trendelenburg_sign": "positive", "emg_gluteus_medius": "denervated"}
    alone = [
        odds_of_roots(Findings.build(left={"ankle_dorsiflexion": "2", name: value})) - bare
        for name, value in views.items()
    ]
    together = odds_of_roots(Findings.build(left={"ankle_dorsiflexion": "2", **views})) - bare
    assert max(alone) - 0.01 < together < sum(alone)


def test_strong_inversion_speaks_for_the_fibular_nerve_and_weak_inversion_against_it() -> None:
    bare = odds_of_roots(foot_drop("4"))
    assert odds_of_roots(foot_drop("4", ankle_inversion="5")) < bare - 0.5
    assert odds_of_roots(foot_drop("4", ankle_inversion="3")) > bare + 0.5
