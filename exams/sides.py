"""Which leg is affected, which of two is the worse, which is compared with, and what fits together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from exams.models import Exam

BOTH: Final = str(Exam.Side.BILATERAL)
LEGS: Final = (str(Exam.Side.LEFT), str(Exam.Side.RIGHT))

ONE_SIDE_WORSE = (
    "You chose one affected side and also said which foot drops more. "
    "Choose “Both sides”, or choose afresh and leave that question open."
)
ONE_SIDE_COMPARED = (
    "You chose one affected side and also a leg to compare with. The other leg is compared with then. "
    "Choose “Both sides”, or choose afresh and leave that question open."
)
COMPARED_WITH_WORSE = (
    "You compare with the foot that drops more. Choose the other leg, or that neither leg is normal."
)


def contradictions(affected: str, worse: str, comparison: str) -> Mapping[str, str]:
    """Return a sentence for each of the two details that does not fit the affected side; empty if all fit.

    Left open, a detail fits everything.
    """
    if affected in LEGS:
        found = {}
        if worse:
            found["worse_side"] = ONE_SIDE_WORSE
        if comparison not in {"", str(Exam.Comparison.NONE)}:
            found["comparison_side"] = ONE_SIDE_COMPARED
        return found
    if comparison in LEGS and comparison == worse:
        return {"comparison_side": COMPARED_WITH_WORSE}
    return {}


def are_known(affected: str, worse: str, comparison: str) -> bool:
    """Return whether each is one of its own choices; the two details may be left open."""
    return (
        affected in Exam.Side.values
        and worse in {"", *Exam.Worse.values}
        and comparison in {"", *Exam.Comparison.values}
    )
