"""Which leg is the index leg when both feet drop: the grades decide first, then what was named."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import CATALOGUE, Findings, localize

Side = Literal["left", "right"]
BOTH = {"side": "bilateral"}
GRADES = tuple(
    value.token for value in CATALOGUE["ankle_dorsiflexion"].scale.values if value.rank is not None
)


def dropped(left: str, right: str) -> dict[str, dict[str, str]]:
    return {"left": {"ankle_dorsiflexion": left}, "right": {"ankle_dorsiflexion": right}}


@pytest.mark.parametrize("named", ["left", "right"])
def test_the_leg_named_first_decides_between_two_equal_feet(named: Side) -> None:
    assert Findings.build(unsided=BOTH, named_first=named, **dropped("2", "2")).index == named
    assert Findings.build(unsided=BOTH, named_first=named).index == named


def test_without_a_leg_named_first_two_equal_feet_are_read_from_the_left() -> None:
    assert Findings.build(unsided=BOTH, **dropped("2", "2")).index == "left"
    assert Findings.build(unsided=BOTH).index == "left"


@given(st.sampled_from(GRADES), st.sampled_from(GRADES), st.sampled_from(["left", "right"]))
def test_K05_the_weaker_dorsiflexion_outweighs_the_leg_named_first(
    left: str, right: str, named: Side
) -> None:
    without = Findings.build(unsided=BOTH, **dropped(left, right))
    swapped = Findings.build(unsided=BOTH, **dropped(right, left))
    named_so = Findings.build(unsided=BOTH, named_first=named, **dropped(left, right))
    told_apart = without.index != swapped.index
    assert named_so.index == (without.index if told_apart else named)


def test_one_side_that_is_named_outweighs_the_leg_named_first() -> None:
    assert Findings.build(unsided={"side": "left"}, named_first="right").index == "left"


def test_the_report_of_two_equal_feet_reads_the_leg_named_first() -> None:
    legs = dropped("2", "2")
    legs["right"]["ankle_inversion"] = "3"
    legs["left"]["ankle_inversion"] = "5"
    right = localize(Findings.build(unsided=BOTH, named_first="right", **legs))
    left = localize(Findings.build(unsided=BOTH, named_first="left", **legs))
    assert right.ranked != left.ranked
