"""Comparisons that fall alike on every machine: without the last bits, in which processors differ."""

from __future__ import annotations

DECIMALS = 10


def steady(figure: float) -> float:
    """Return a figure as it is compared: two that differ only by rounding are equal, and keep their order."""
    return round(figure, DECIMALS)


def steady_share(chance: float) -> float:
    """Return a probability as it is compared: to its leading digits, since small ones have an order too."""
    return float(f"{chance:.{DECIMALS}g}")
