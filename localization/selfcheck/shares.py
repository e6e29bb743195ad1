"""What a list of shares must do: sum to 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isclose

SUM_OF_SHARES = 1e-3


def sums_to_one(place: str, shares: Iterable[float]) -> Iterator[str]:
    """Yield the problem of shares that do not sum to 1, named by their `place`."""
    total = sum(shares)
    if not isclose(total, 1.0, abs_tol=SUM_OF_SHARES):
        yield f"{place}: the shares sum to {total:g}; they must sum to 1"
