"""P(site, value) of every finding that could be tested, from tables that are stacked by shape once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from localization.catalogue import Finding, catalogue
from localization.elimination import LAID, Shape, Shares, laid
from localization.findings import Leg
from localization.knowledge import read
from localization.likelihood import Likelihood, likelihood, weighs
from localization.redflags import KNOWN_BEFORE
from localization.sites import sites
from localization.states import Array, states

Places = NDArray[np.intp]
GRADED, GRADED_FULL = "mrc", "5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding as it would be tested, on the weaker leg, with the likelihood of its values."""

    finding: Finding
    table: Likelihood


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Tables of one shape: `tables` holds values × other axes × lesions, `rows` the place of each value."""

    shape: Shape
    tables: Array
    rows: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Values as an examiner thinks of them: a grade is weak or full, feeling normal or not.

    `names` holds the outcomes of each candidate. `rows` lists the values outcome by outcome, `starts` where
    each outcome begins among them, and `candidate_starts` where each candidate begins among the outcomes.
    """

    names: tuple[tuple[str, ...], ...]
    rows: Places
    starts: Places
    candidate_starts: Places


@cache
def candidates() -> tuple[Candidate, ...]:
    """Return every finding that could be tested, in catalogue order; what is known before is left out."""
    return tuple(
        Candidate(finding=finding, table=likelihood(finding.id, _leg(finding)))
        for finding in catalogue().findings.values()
        if weighs(finding.id) and finding.id not in KNOWN_BEFORE
    )


def _leg(finding: Finding) -> Leg | None:
    return "index" if finding.sided else None


@cache
def value_starts() -> Places:
    """Return where the values of each candidate begin among the values of all."""
    return _starts([len(candidate.table.values) for candidate in candidates()])


def _starts(lengths: list[int]) -> Places:
    return np.array([0, *accumulate(lengths)][:-1], dtype=np.intp)


def foreseen(shares: Shares) -> Array:
    """Return P(site, value) as values × sites, candidate by candidate; the values of each sum to 1."""
    joint = np.empty((sum(len(candidate.table.values) for candidate in candidates()), len(sites())))
    for stack in _stacks():
        weights = shares.over(stack.shape).reshape(-1, len(states().lesions))
        by_lesion = np.einsum("val,al->vl", stack.tables, weights)
        joint[stack.rows] = np.add.reduceat(by_lesion, states().site_starts, axis=1)
    return joint


@cache
def _stacks() -> tuple[Stack, ...]:
    """Return the tables of all candidates, those of one shape together."""
    by_shape: dict[Shape, list[tuple[int, Array]]] = {}
    for start, candidate in zip(value_starts().tolist(), candidates(), strict=True):
        for place in range(len(candidate.table.values)):
            table = _laid(candidate.table, place)
            by_shape.setdefault(table.shape[:LAID], []).append((start + place, table))
    return tuple(
        Stack(
            shape=(*shape, len(states().lesions)),
            tables=np.stack([_per_lesion(table) for _, table in members]),
            rows=np.array([row for row, _ in members], dtype=np.intp),
        )
        for shape, members in by_shape.items()
    )


def _laid(table: Likelihood, place: int) -> Array:
    typical = table.typical[..., place]
    return laid(typical, typical if table.atypical is table.typical else table.atypical[..., place])


def _per_lesion(table: Array) -> Array:
    """Return a table as other axes × lesions, also when it is the same for all lesions."""
    flat = table.reshape(-1, table.shape[LAID])
    return np.array(np.broadcast_to(flat, (len(flat), len(states().lesions))))


@cache
def outcomes() -> Outcomes:
    """Return how the values of all candidates are told as outcomes."""
    names, members = [], []
    for start, candidate in zip(value_starts().tolist(), candidates(), strict=True):
        told = [_told(candidate.finding, value, candidate.table.values) for value in candidate.table.values]
        names.append(tuple(dict.fromkeys(told)))
        members += [[start + place for place, name in enumerate(told) if name == own] for own in names[-1]]
    return Outcomes(
        names=tuple(names),
        rows=np.array([row for rows in members for row in rows], dtype=np.intp),
        starts=_starts([len(rows) for rows in members]),
        candidate_starts=_starts([len(own) for own in names]),
    )


def _told(finding: Finding, value: str, values: tuple[str, ...]) -> str:
    """Return the outcome as which a value is told."""
    if finding.scale.id == GRADED:
        return GRADED_FULL if value == GRADED_FULL else values[0]
    merge = read("instrument")["placing"]["merge"].get(finding.scale.id, {})
    return str(merge.get(value, value))
