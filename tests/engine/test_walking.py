"""A timed walk is read back with its speed, beside what is usual at the patient's age."""

from __future__ import annotations

import pytest

from localization import CATALOGUE, usual_walk


@pytest.mark.parametrize(("seconds", "shown"), [("11.4", "11.4 s (0.53 m/s)"), ("5", "5 s (1.20 m/s)")])
def test_seconds_are_read_back_with_the_speed_over_the_timed_six_metres(seconds: str, shown: str) -> None:
    assert CATALOGUE["walk_10m_s"].value_label(seconds) == shown


def test_another_number_has_no_speed() -> None:
    assert "m/s" not in CATALOGUE["hip_abduction_force_n"].value_label("120")


@pytest.mark.parametrize(
    ("age", "sex", "speed"),
    [
        (20, "male", "1.36"),
        (64, "female", "1.24"),
        (69, "male", "1.34"),
        (80, "female", "0.94"),
        (99, "male", "0.97"),
    ],
)
def test_the_usual_speed_is_that_of_the_age_group(age: int, sex: str, speed: str) -> None:
    assert f"{speed} m/s. A difference under 0.17 m/s" in usual_walk("walk_10m_s", age, sex)


@pytest.mark.parametrize(("age", "sex"), [(12, "male"), (100, "female"), (50, "")])
def test_without_a_group_of_the_study_nothing_is_said(age: int, sex: str) -> None:
    assert usual_walk("walk_10m_s", age, sex) == ""


def test_the_fast_walk_has_no_norm() -> None:
    assert usual_walk("walk_10m_fast_s", 64, "female") == ""
