"""Drawn patients: accepted by reader and engine, alike by seed and by side, as frequent as the tables say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pytest

from localization import CATALOGUE, DEFAULT_SETTING, SETTINGS, SITES, localize
from localization.casefile import parse_case
from localization.findings import Leg
from localization.knowledge import read
from localization.likelihood import likelihood, weighs
from localization.simulation import Patient, draw, patients
from localization.states import Array, states
from localization.tables import choice_values

WEIGHING = [finding for name, finding in CATALOGUE.findings.items() if weighs(name)]
DEVIATIONS = 4.5  # of the binomial: by chance, one share in 150,000 lies further off


@pytest.mark.parametrize("site", SITES)
def test_every_drawn_patient_is_read_as_a_case_and_answered(site: str) -> None:
    for seed in range(6):
        patient = draw(site, seed, setting=DEFAULT_SETTING)
        case = parse_case(patient.name, patient.as_case())
        assert case.site == patient.truth.site == site
        assert case.strict
        for mine, theirs in zip(
            legs_of(patient),
            (case.findings.unsided, case.findings.index_values, case.findings.contra_values),
            strict=True,
        ):
            assert mine == theirs
        assert patient.findings.unsided["side"] == "bilateral" or case.findings == patient.findings
        report = localize(patient.findings)
        assert report.posterior == localize(case.findings).posterior
        assert site in report.posterior


def legs_of(patient: Patient) -> tuple[object, object, object]:
    found = patient.findings
    return found.unsided, found.index_values, found.contra_values


def test_a_drawn_patient_is_examined_completely_on_both_legs() -> None:
    found = draw("sciatic", 3, setting=DEFAULT_SETTING).findings
    sided = {finding.id for finding in WEIGHING if finding.sided}
    assert set(found.left) == set(found.right) == sided
    assert set(found.unsided) == {finding.id for finding in WEIGHING} - sided | {"days_onset_to_edx"}


def test_the_truth_names_the_weak_leg_and_the_detail_of_its_pattern() -> None:
    for patient in patients(60, 5, setting=DEFAULT_SETTING):
        truth, found = patient.truth, patient.findings
        assert found.index == truth.weak_side
        assert found.unsided["side"] in {truth.weak_side, "bilateral"}
        assert truth.pattern.startswith(f"{truth.site}.")
        assert not truth.detail or truth.detail in SITES[truth.site].details
        assert truth.atypical in {True, False}


def test_one_seed_is_one_patient_in_any_process() -> None:
    def printed(seed: str, hashing: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "localization", "simulate", "--site", "root_L5", "--seed", seed],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": hashing, "PYTHONUTF8": "1"},
        )
        return ran.stdout

    here = draw("root_L5", 7, setting=DEFAULT_SETTING).as_case()
    assert printed("7", "1") == printed("7", "2") == here
    assert printed("8", "1") != here


def test_the_weak_leg_can_be_asked_for_and_only_the_sides_swap() -> None:
    swapped = 0
    for seed in range(40):
        one, other = (
            draw("polyneuropathy", seed, setting=DEFAULT_SETTING, weak_side=side)
            for side in ("left", "right")
        )
        assert (one.findings.index, other.findings.index) == ("left", "right")
        if one.findings.unsided["side"] == "bilateral" and alike(one):
            continue  # LEFT is then the index leg by rule, so the RIGHT one is another patient
        assert (one.findings.left, one.findings.right) == (other.findings.right, other.findings.left)
        swapped += 1
    assert swapped > 10


def alike(patient: Patient) -> bool:
    return patient.findings.left["ankle_dorsiflexion"] == patient.findings.right["ankle_dorsiflexion"]


def test_without_asking_each_leg_is_the_weak_one_as_often() -> None:
    drawn = [one for one in many("common_fibular") if one.findings.unsided["side"] != "bilateral"]
    near([one.truth.weak_side == "left" for one in drawn], 0.5)
    assert {one.truth.weak_side for one in drawn if one.findings.unsided["side"] == "left"} == {"left"}


@pytest.mark.parametrize(
    ("finding", "leg"),
    [
        ("great_toe_extension", "index"),
        ("hip_abduction", "contra"),
        ("ankle_reflex", "index"),
        ("dorsum_foot", "index"),
        ("slr", "index"),
        ("gait_pattern", None),
        ("onset", None),
        ("sural_snap", "contra"),
    ],
)
@pytest.mark.parametrize("site", ["common_fibular", "polyneuropathy"])
def test_values_are_as_frequent_as_the_tables_say(site: str, finding: str, leg: Leg | None) -> None:
    drawn = [one for one in many(site) if not early(one, finding)]
    for value, chance in expected(site, finding, leg).items():
        near((values_of(one, leg)[finding] == value for one in drawn), chance)


def test_too_early_a_study_shows_anyones_result_in_part() -> None:
    finding = "emg_tibialis_posterior"  # spared in a fibular lesion, denervated in many others
    drawn = [one for one in many("common_fibular") if early(one, finding)]
    trust = read("instrument")["timing"]["early_weight"]
    table = likelihood(finding, "index")
    anyone = float(table.typical[..., table.values.index("denervated")].mean())
    own = expected("common_fibular", finding, "index")["denervated"]
    near(
        (one.findings.index_values[finding] == "denervated" for one in drawn),
        trust * own + (1.0 - trust) * anyone,
    )


def test_ages_lie_in_their_groups_and_the_groups_are_as_frequent_as_the_table_says() -> None:
    lower = [int(value) for value in choice_values("age")]
    ages = [float(one.findings.unsided["age"]) for one in many("common_fibular")]
    oldest = read("simulation")["age"]["oldest"]
    assert all(age.is_integer() and 0 <= age <= oldest for age in ages)
    assert max(ages) > lower[-1]
    ends = [*lower[1:], oldest + 1]
    for start, end, chance in zip(lower, ends, expected("common_fibular", "age", None).values(), strict=True):
        near((start <= age < end for age in ages), chance)


def test_hidden_states_are_as_frequent_as_the_prior_says() -> None:
    drawn, weight = many("polyneuropathy"), admitted("polyneuropathy")
    lesions = states().lesions
    by_lesion = weight.sum(axis=(1, 2, 3, 4, 5))
    for severity in ("mild", "complete"):
        chance = sum(share for share, one in zip(by_lesion, lesions, strict=True) if one.severity == severity)
        near((one.truth.severity == severity for one in drawn), float(chance))
    for place, other in enumerate(("unaffected", "mild", "same")):
        near((one.truth.other_leg == other for one in drawn), float(weight[:, place].sum()))
    near((one.truth.neuropathy for one in drawn), float(weight[:, :, 1].sum()))
    near((one.truth.feeling for one in drawn), float(weight[:, :, :, 1].sum()))
    near((one.truth.pain for one in drawn), float(weight[:, :, :, :, 1].sum()))
    near((one.truth.hip for one in drawn), float(weight[..., 1].sum()))
    near((one.truth.atypical for one in drawn), of_kinds()[1])


def test_sites_are_drawn_by_the_setting_and_by_how_often_their_index_leg_is_the_weaker() -> None:
    setting = next(reversed(SETTINGS))
    drawn = [one.truth.site for one in patients(COUNT, 11, setting=setting)]
    prior = read("priors")["prior"][setting]["sites"]
    chances = {site: prior[site] * share_admitted(site) for site in SITES}
    total = sum(chances.values())
    for site, chance in chances.items():
        near((one == site for one in drawn), chance / total)


@pytest.mark.parametrize(
    ("site", "setting", "named"),
    [("knee", DEFAULT_SETTING, "common_fibular"), (None, "moon", DEFAULT_SETTING)],
)
def test_an_unknown_site_or_setting_is_refused_with_what_is_allowed(
    site: str | None, setting: str, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        draw(site, 1, setting=setting)


COUNT = 700


@cache
def many(site: str) -> Sequence[Patient]:
    return [draw(site, (1, number), setting=DEFAULT_SETTING) for number in range(COUNT)]


def values_of(patient: Patient, leg: Leg | None) -> dict[str, object]:
    found = patient.findings
    return dict({None: found.unsided, "index": found.index_values, "contra": found.contra_values}[leg])


def early(patient: Patient, finding: str) -> bool:
    day = float(patient.findings.unsided["days_onset_to_edx"])
    return day < float(read("instrument")["timing"]["first_day"].get(finding, 0))


def near(hits: Iterable[bool], chance: float) -> None:
    """Fail when the share of hits lies too far from `chance` for its number."""
    counted = list(hits)
    allowed = DEVIATIONS * (max(chance * (1.0 - chance), 1.0 / len(counted)) / len(counted)) ** 0.5
    assert abs(sum(counted) / len(counted) - chance) <= allowed, (sum(counted), len(counted), chance)


def of_kinds() -> tuple[float, float]:
    """Return the chances of a typical and of an atypical patient."""
    atypical = read("instrument")["atypical"]["probability"]
    return 1.0 - atypical, atypical


def not_weaker() -> Array:
    """Return P(the other leg's dorsiflexion is not the weaker one | state)."""
    index, contra = (likelihood("ankle_dorsiflexion", leg).typical for leg in ("index", "contra"))
    at_least = np.flip(np.cumsum(np.flip(contra, axis=-1), axis=-1), axis=-1)
    chance: Array = (index * at_least).sum(axis=-1)
    return chance


@cache
def admitted(site: str) -> Array:
    """Return P(state | site, the index leg is the weaker one) on all axes."""
    weight = weighed(site)
    result: Array = weight / weight.sum()
    return result


def weighed(site: str) -> Array:
    of_site = np.array([lesion.pattern.site == site for lesion in states().lesions], dtype=np.float64)
    result: Array = states().prior * not_weaker() * of_site.reshape(-1, 1, 1, 1, 1, 1)
    return result


def share_admitted(site: str) -> float:
    return float(weighed(site).sum())


def expected(site: str, finding: str, leg: Leg | None) -> dict[str, float]:
    """Return P(value | site, the index leg is the weaker one), over typical and atypical patients."""
    table = likelihood(finding, leg)
    weight = admitted(site)[..., np.newaxis]
    kinds = [(weight * kind).sum(axis=tuple(range(6))) for kind in (table.typical, table.atypical)]
    chances = sum(chance * kind for chance, kind in zip(of_kinds(), kinds, strict=True))
    return dict(zip(table.values, map(float, np.asarray(chances)), strict=True))
