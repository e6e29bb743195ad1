"""The weights of the hidden states, with every axis summed out within the tables that use it.

Given the lesion and the other leg, the strands of axes do not depend on each other: no table joins two of
them. So each strand is summed by itself, which is exact, and far less than all combinations. Arrays here have
the axes KIND (typical, atypical patient), the inner axes under their own numbers, and LAID, the lesions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from localization.states import AXES, BACKGROUND, CONTRA, HIP, INNER, LESION, PAIN, SKIN, Array, states

KIND, LAID = 0, AXES
Shape = tuple[int, ...]
Strand = tuple[int, ...]
CORE: Strand = ()
STRANDS: tuple[Strand, ...] = ((BACKGROUND, SKIN), (PAIN,), (HIP,))


def laid(typical: Array, atypical: Array) -> Array:
    """Return a table over the states for both kinds of patient, of length one where they are alike."""
    kinds = [typical] if typical is atypical else [typical, atypical]
    return np.ascontiguousarray(np.stack([np.moveaxis(kind, LESION, -1) for kind in kinds]))


@cache
def strand_of(shape: Shape) -> Strand:
    """Return the strand that a table of this shape depends on, CORE when on none.

    Raises ValueError for a table that joins two strands: they could not be summed apart.
    """
    joined = {axis for axis in INNER if shape[axis] > 1} - {CONTRA}
    if not joined:
        return CORE
    for strand in STRANDS:
        if joined <= set(strand):
            return strand
    message = f"A table joins the axes {sorted(joined)}, but the strands are {STRANDS}. Make them one strand."
    raise ValueError(message)


@cache
def chances_of(axis: int) -> Array:
    """Return P(value on an inner axis | lesion)."""
    return laid(states().chances[axis], states().chances[axis])


@cache
def _log_chances(axis: int) -> Array:
    with np.errstate(divide="ignore"):  # a circumstance may be impossible in a lesion
        return np.log(chances_of(axis))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """P(hidden state | tables), summing to 1: `core` over kind, other leg and lesion, the rest by strands.

    `given` holds P(axes of a strand | core, tables) for each strand that a table depends on. An axis that no
    table depends on has length one everywhere: it keeps its chances by lesion. `log_evidence` is
    log P(tables). What was summed to one shape is kept.
    """

    core: Array
    given: Mapping[Strand, Array]
    log_evidence: float
    _summed: dict[Shape, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, log_prior: Array, tables: Sequence[Array]) -> Shares:
        """Return the shares after the tables' logarithms are added to a prior over kinds and lesions."""
        parts, given = [log_prior], {}
        if any(table.shape[CONTRA] > 1 for table in tables):
            parts.append(_log_chances(CONTRA))
        parts += [table for table in tables if strand_of(table.shape) == CORE]
        for strand in STRANDS:
            own = [table for table in tables if strand_of(table.shape) == strand]
            if own:
                given[strand], message = _summed_out(strand, own)
                parts.append(message)
        logs = total(parts)
        peak = logs.max()
        core = np.exp(logs - peak)
        whole = core.sum()
        return cls(core=core / whole, given=given, log_evidence=float(peak + np.log(whole)))

    def per_lesion(self) -> Array:
        """Return P(lesion | facts)."""
        result: Array = self.core.sum(axis=tuple(range(LAID)))
        return result

    def over(self, shape: Shape) -> Array:
        """Return the probabilities summed to those axes on which a table of this shape depends."""
        key = tuple(min(length, 2) for length in shape[:LAID])
        if key not in self._summed:
            self._summed[key] = self._sum_to(shape)
        return self._summed[key]

    def _sum_to(self, shape: Shape) -> Array:
        strand = strand_of(shape)
        shares = self.core * self.given[strand] if strand in self.given else self.core
        idle = tuple(axis for axis in range(LAID) if shape[axis] == 1 and shares.shape[axis] > 1)
        if idle:
            shares = shares.sum(axis=idle, keepdims=True)
        for axis in INNER:
            if shape[axis] > 1 and shares.shape[axis] == 1:
                shares = shares * chances_of(axis)
        return shares


def _summed_out(strand: Strand, tables: list[Array]) -> tuple[Array, Array]:
    """Return P(strand | the rest, tables), and the log of what its tables say about the rest."""
    used = [axis for axis in strand if any(table.shape[axis] > 1 for table in tables)]
    logs = total([*tables, *(_log_chances(axis) for axis in used)])
    peak = logs.max(axis=strand, keepdims=True)
    weights = np.exp(logs - peak)
    sums = weights.sum(axis=strand, keepdims=True)
    return weights / sums, peak + np.log(sums)


def total(tables: Sequence[Array]) -> Array:
    """Return the sum of tables: those of one shape first, in their order, then the few sums."""
    by_shape: dict[Shape, Array] = {}
    for table in tables:
        known = by_shape.get(table.shape)
        by_shape[table.shape] = table if known is None else known + table
    first, *others = sorted(by_shape.values(), key=lambda table: (table.size, table.shape))
    for table in others:
        first = first + table
    return first
