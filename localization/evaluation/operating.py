"""What the model implies for each published operating row, beside the count and its Wilson interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import prod, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from localization.catalogue import catalogue
from localization.evaluation.published import LeftOut, Row, left_out, reasons, rows
from localization.knowledge import read
from localization.likelihood import likelihood, weights_of
from localization.sites import sites
from localization.states import AXES, INNER, Array, states

COVERED = 0.95
WEIGHED = ("anatomy", "patterns", "instrument", "priors", "likelihoods")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The 95 % Wilson interval of a count."""

    low: float
    high: float

    def holds(self, share: float) -> bool:
        """Return whether a share lies inside, the ends included."""
        return self.low <= share <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One published row with the probability that the model implies for it.

    `cited` says that the model's own figures cite the same study: agreement then is no prediction.
    """

    row: Row
    interval: Interval
    implied: float
    cited: bool

    @property
    def inside(self) -> bool:
        """Whether the implied probability lies in the interval of the published count."""
        return self.interval.holds(self.implied)


def wilson(k: int, n: int) -> Interval:
    """Return the 95 % Wilson interval of `k` of `n`; raises ValueError unless 0 <= k <= n and n > 0."""
    if not 0 <= k <= n or n == 0:
        message = f"{k} of {n} is no count: 0 <= k <= n and n > 0 are needed."
        raise ValueError(message)
    z = NormalDist().inv_cdf((1.0 + COVERED) / 2.0)
    share, spread = k / n, z * z / n
    middle = (share + spread / 2.0) / (1.0 + spread)
    half = z * sqrt(share * (1.0 - share) / n + spread / (4.0 * n)) / (1.0 + spread)
    return Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))


def compare(setting: str) -> tuple[Comparison, ...]:
    """Return every row with what the model implies; several sites weigh as in the prior of `setting`."""
    known = frozenset(_cited([read(name) for name in WEIGHED]))
    return tuple(
        Comparison(
            row=row, interval=wilson(row.k, row.n), implied=implied(row, setting), cited=row.source in known
        )
        for row in rows()
    )


def implied(row: Row, setting: str) -> float:
    """Return P(what was counted | the row's sites, what all its patients had), summed over all states."""
    atypical = float(read("instrument")["atypical"]["probability"])
    counted = patients = 0.0
    for loose, share in ((False, 1.0 - atypical), (True, atypical)):
        given = prod((_answer(name, values, loose=loose) for name, values in row.given.items()), start=_one())
        weights = share * states().prior * given
        patients += _over_sites(weights, row.sites, setting)
        counted += _over_sites(weights * _event(row, loose=loose), row.sites, setting)
    return counted / patients


def _one() -> Array:
    return np.ones((1,) * AXES)


def _over_sites(weights: Array, chosen: tuple[str, ...], setting: str) -> float:
    """Return the weight of all states of the chosen sites, each site by its share in the setting."""
    prior: dict[str, float] = read("priors")["prior"][setting]["sites"]
    by_site = np.add.reduceat(weights.sum(axis=INNER), states().site_starts)
    return sum(
        prior[name] * float(weight) for name, weight in zip(sites(), by_site, strict=True) if name in chosen
    )


def _table(finding: str, *, loose: bool) -> Array:
    """Return P(each value | state) in the weaker leg, for a typical or an atypical patient."""
    known = likelihood(finding, "index" if catalogue()[finding].sided else None)
    return known.atypical if loose else known.typical


def _answer(finding: str, values: tuple[str, ...], *, loose: bool) -> Array:
    """Return P(one of these values | state)."""
    names = likelihood(finding, "index" if catalogue()[finding].sided else None).values
    shares = np.array([sum(weights_of(finding, value).get(name, 0.0) for value in values) for name in names])
    chance: Array = _table(finding, loose=loose) @ shares
    return chance


def _event(row: Row, *, loose: bool) -> Array:
    """Return P(what was counted | state)."""
    if row.weaker:
        return _weaker(*row.weaker, loose=loose)
    chances = [_answer(finding, values, loose=loose) for finding, values in row.found.items()]
    if not row.hits:
        mean: Array = sum(chances, start=np.zeros((1,) * AXES)) / len(chances)
        return mean
    by_number = _numbers_of_hits(chances)
    return sum((by_number[number] for number in row.hits), start=np.zeros((1,) * AXES))


def _numbers_of_hits(chances: list[Array]) -> list[Array]:
    """Return P(0, 1, 2 … of these happen | state): within one state they are independent."""
    found = [_one()]
    for chance in chances:
        misses = [before * (1.0 - chance) for before in found]
        hits = [before * chance for before in found]
        found = [misses[0], *(a + b for a, b in zip(misses[1:], hits[:-1], strict=True)), hits[-1]]
    return found


def _weaker(first: str, second: str, *, loose: bool) -> Array:
    """Return P(the first movement has the lower grade | state)."""
    lower, higher = _table(first, loose=loose), _table(second, loose=loose)
    above = 1.0 - np.cumsum(higher, axis=-1)
    chance: Array = (lower * above).sum(axis=-1)
    return chance


def _cited(value: object) -> Iterator[str]:
    """Yield every source that stands behind a figure."""
    if isinstance(value, dict):
        listed = value.get("source", [])
        yield from [listed] if isinstance(listed, str) else listed
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _cited(item)


def to_json(found: tuple[Comparison, ...], setting: str) -> dict[str, Any]:
    """Return the comparison as plain data: counts, the rows, and the rows left out with their reason."""
    return {
        "setting": setting,
        **counts(found),
        "rows": [_row_as_data(item) for item in found],
        "left_out": [asdict(row) for row in left_out()],
    }


def counts(found: tuple[Comparison, ...]) -> dict[str, int]:
    """Return how many rows were compared, lie inside, and come from studies that the model's figures cite."""
    return {
        "n": len(found),
        "inside": sum(item.inside for item in found),
        "cited": sum(item.cited for item in found),
    }


def _row_as_data(item: Comparison) -> dict[str, Any]:
    return {
        **asdict(item.row),
        "share": item.row.k / item.row.n,
        "low": item.interval.low,
        "high": item.interval.high,
        "implied": item.implied,
        "inside": item.inside,
        "cited": item.cited,
    }


def as_text(found: tuple[Comparison, ...]) -> str:
    """Return the comparison as lines for people: first the rows outside, then those inside, then the rest."""
    number = counts(found)
    lines = [
        f"{number['inside']} of {number['n']} published rows lie inside their 95 % Wilson interval.",
        f"{number['cited']} of them come from studies that the model's own figures cite: no predictions.",
    ]
    for title, inside in (("Outside", False), ("Inside", True)):
        lines += ["", f"{title}: published, interval, implied"]
        lines += [_line(item) for item in found if item.inside == inside]
    lines += ["", f"Left out: {len(left_out())} rows"]
    for reason, words in reasons().items():
        lines += [f"{words}:", *(_left_out_line(row) for row in left_out() if row.reason == reason)]
    return "\n".join(lines)


def _line(item: Comparison) -> str:
    row, interval = item.row, item.interval
    count = f"{row.k} of {row.n}"
    shares = f"{row.k / row.n:.3f} ({interval.low:.3f} to {interval.high:.3f})"
    return f"  {count:>10}  {shares}  {item.implied:.3f}  {row.label} [{row.source}]"


def _left_out_line(row: LeftOut) -> str:
    return f"  {row.label} [{row.source}]: {row.why}"
