"""Comparisons that fall alike on every machine: without the last bits, in which processors differ."""

from __future__ import annotations

DECIMALS = 10


def steady(figure: float) -> float:
    """Return a figure as it is compared: two that differ only by rounding are equal, and keep their order."""
    return round(figure, DECIMALS)
