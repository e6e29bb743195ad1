"""A change between two visits is told as more, or no more, than repeating the test makes by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import CATALOGUE, measured, smallest_change, told_change

GRADES = [value.token for value in CATALOGUE["ankle_dorsiflexion"].scale.values if value.rank is not None]


def told(finding: str, before: str, after: str, mass: float | None = None) -> str:
    numbers = [measured(finding, token, mass=mass) for token in (before, after)]
    assert numbers[0] is not None
    assert numbers[1] is not None
    return told_change(finding, (numbers[0], before), (numbers[1], after))


@pytest.mark.parametrize(
    ("finding", "before", "after", "mass", "sentence"),
    [
        ("ankle_dorsiflexion", "3", "4", None, "Up from 3 to 4: more than repeating the test"),
        ("ankle_dorsiflexion", "5-", "4-", None, "Down from 5- to 4-: more than repeating the test"),
        ("ankle_dorsiflexion", "4", "4+", None, "Up from 4 to 4+: no more than repeating the test"),
        ("ankle_dorsiflexion", "4", "4", None, "No change between the last two visits."),
        ("walk_10m_s", "10", "7", None, "Up from 10 to 7: more than repeating the test"),
        ("walk_10m_s", "10", "9", None, "Up from 10 to 9: no more than repeating the test"),
        ("dorsiflexion_force_n", "100", "160", 70.0, "Up from 100 to 160: more than repeating the test"),
        ("dorsiflexion_force_n", "100", "150", 70.0, "Up from 100 to 150: no more than repeating the test"),
        ("hip_abduction_force_n", "100", "200", None, "No figure says how much repeating this test"),
    ],
)
def test_a_change_is_told_against_the_measurement_error(
    finding: str, before: str, after: str, mass: float | None, sentence: str
) -> None:
    assert sentence in told(finding, before, after, mass)


def test_a_force_without_the_body_mass_that_it_needs_has_no_number() -> None:
    assert measured("dorsiflexion_force_n", "120") is None
    assert measured("dorsiflexion_force_n", "120", mass=60) == 2
    assert measured("ankle_dorsiflexion", "weak") is None


def test_a_slower_walk_is_a_lower_speed_and_its_error_is_sourced() -> None:
    slow, quick = measured("walk_10m_s", "12"), measured("walk_10m_s", "6")
    assert (slow, quick) == (0.5, 1.0)
    known = smallest_change("walk_10m_s")
    assert known
    assert (known.smallest, known.unit, known.source) == (0.17, "m/s", ("andersen",))
    assert smallest_change("gait_pattern") is None


@given(st.sampled_from(GRADES), st.sampled_from(GRADES))
def test_the_two_directions_of_a_change_weigh_alike(one: str, other: str) -> None:
    up, down = told("knee_extension", one, other), told("knee_extension", other, one)
    assert ("more than repeating" in up) == ("more than repeating" in down)
    assert (up == down) == (one == other)
