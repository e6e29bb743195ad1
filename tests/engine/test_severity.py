"""How weak a leg is must not move the lesion: textbook pictures keep their site at every grade."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from localization import CATALOGUE
from localization.casefile import Case, parse_case
from localization.findings import OTHER_SIDE, Findings
from localization.posterior import posterior

SETTING = "physiotherapy_clinic"
FOLDER = Path(__file__).parent.parent / "vignettes"
# Pictures in which every movement of the leg may be lost, by the name of their vignette.
WHOLE_LEG = ("tv-ahc-post-polio", "tv-ahc-als-lower", "tv-pnp-gbs", "tv-brain-aca", "tv-brain-capsule")
MOVEMENTS = tuple(name for name, finding in CATALOGUE.findings.items() if finding.group == "strength")


@cache
def vignette(name: str) -> Case:
    return parse_case(name, (FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def at_grade(case: Case, grade: str) -> Findings:
    """The vignette with every recorded weak movement of the weaker leg at one grade, nerve tests left out."""
    bedside = {name for name, finding in CATALOGUE.findings.items() if finding.group != "electrodiagnosis"}
    index = case.findings.index
    leg = {name: value for name, value in case.findings.leg(index).items() if name in bedside}
    other = {name: value for name, value in case.findings.leg(OTHER_SIDE[index]).items() if name in bedside}
    leg |= dict.fromkeys(MOVEMENTS, grade)
    once = {name: value for name, value in case.findings.unsided.items() if name in bedside}
    legs = {index: leg, OTHER_SIDE[index]: other}
    return Findings.build(unsided=once, left=legs["left"], right=legs["right"])


@pytest.mark.parametrize("grade", ["4", "3", "2", "1", "0"])
@pytest.mark.parametrize("name", WHOLE_LEG)
def test_a_whole_leg_keeps_its_site_at_every_grade(name: str, grade: str) -> None:
    case = vignette(name)
    chances = posterior(at_grade(case, grade), SETTING)
    first = max(chances, key=lambda site: chances[site])
    assert first in case.accepted, (first, chances[first])


@pytest.mark.parametrize("grade", ["3", "2", "1", "0"])
def test_a_cut_sciatic_nerve_is_no_pair_of_roots_while_the_glutei_are_strong(grade: str) -> None:
    below = ("ankle_dorsiflexion", "great_toe_extension", "ankle_eversion", "ankle_inversion")
    leg = dict.fromkeys((*below, "ankle_plantarflexion", "toe_flexion", "knee_flexion"), grade)
    strong = {"hip_abduction": "5", "hip_extension": "5", "knee_extension": "5"}
    numb = dict.fromkeys(("dorsum_foot", "sole", "lateral_foot"), "absent")
    history = {"side": "left", "precipitant": "hip_surgery"}
    chances = posterior(Findings.build(unsided=history, left=leg | strong | numb), SETTING)
    assert max(chances, key=lambda site: chances[site]) == "sciatic", chances
