"""Findings that fulfil the conditions of a line of the rules, and no more."""

from __future__ import annotations

from localization import CATALOGUE, Findings, Value
from localization.redflags import Condition


def fulfilling(condition: Condition) -> Value:
    if condition.at_least is not None:
        return condition.at_least
    if condition.at_most is None:
        return condition.values[0]
    return f"{condition.at_most:g}"


def exam_for(line: tuple[Condition, ...], side: str) -> Findings:
    unsided = {part.finding: fulfilling(part) for part in line if not CATALOGUE[part.finding].sided}
    leg = {part.finding: fulfilling(part) for part in line if CATALOGUE[part.finding].sided}
    return Findings.build(
        unsided=unsided, left=leg if side == "left" else {}, right=leg if side == "right" else {}
    )
