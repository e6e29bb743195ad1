"""Which leg is the index leg when both feet drop: the grades decide first, then what was named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import CATALOGUE, Findings, localize

CASES = Path(__file__).parents[1] / "cases"
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
BOTH = {"side": "bilateral"}
GRADES = tuple(
    value.token for value in CATALOGUE["ankle_dorsiflexion"].scale.values if value.rank is not None
)


def dropped(left: str, right: str, named: Side | None = None) -> Findings:
    """Return two dropping feet with these grades and, if said, the leg that is named first."""
    return Findings.build(
        unsided=BOTH,
        left={"ankle_dorsiflexion": left},
        right={"ankle_dorsiflexion": right},
        named_first=named,
    )


@pytest.mark.parametrize("named", ["left", "right"])
def test_the_leg_named_first_decides_between_two_equal_feet(named: Side) -> None:
    assert dropped("2", "2", named).index == named
    assert Findings.build(unsided=BOTH, named_first=named).index == named


def test_without_a_leg_named_first_two_equal_feet_are_read_from_the_left() -> None:
    assert dropped("2", "2").index == "left"
    assert Findings.build(unsided=BOTH).index == "left"


@given(st.sampled_from(GRADES), st.sampled_from(GRADES), st.sampled_from(["left", "right"]))
def test_K05_the_weaker_dorsiflexion_outweighs_the_leg_named_first(
    left: str, right: str, named: Side
) -> None:
    without = dropped(left, right)
    swapped = dropped(right, left)
    named_so = dropped(left, right, named)
    told_apart = without.index != swapped.index
    assert named_so.index == (without.index if told_apart else named)


def test_one_side_that_is_named_outweighs_the_leg_named_first() -> None:
    assert Findings.build(unsided={"side": "left"}, named_first="right").index == "left"


def test_the_report_of_two_equal_feet_reads_the_leg_named_first() -> None:
    left = {"ankle_dorsiflexion": "2", "ankle_inversion": "5"}
    right = {"ankle_dorsiflexion": "2", "ankle_inversion": "3"}
    read = [
        localize(Findings.build(unsided=BOTH, left=left, right=right, named_first=named)) for named in SIDES
    ]
    assert read[0].ranked != read[1].ranked


def test_two_equally_weak_feet_are_not_called_weaker_on_one_side() -> None:
    table = tomllib.loads((CASES / "scirp97842-diabetic.toml").read_text(encoding="utf-8"))["findings"]
    assert table["ankle_dorsiflexion"] == table["contra"]["ankle_dorsiflexion"] == "1"
    alike = localize(Findings.from_case(table))
    assert "both sides weak, neither weaker as graded" in alike.headline
    table["contra"]["ankle_dorsiflexion"] = "0"
    unlike = localize(Findings.from_case(table))
    assert "both sides weak, more so" in unlike.headline
