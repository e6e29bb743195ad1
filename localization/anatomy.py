"""What a lesion takes away: the share lost of muscles, skin, arcs and nerves, by pattern and root supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from localization.knowledge import read
from localization.sites import sites

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One way in which a lesion of a site looks; `table` is its entry in patterns.toml."""

    site: str
    name: str
    detail: str
    weight: float
    table: Table

    @property
    def key(self) -> str:
        """Site and pattern name, as the likelihood tables address it."""
        return f"{self.site}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Share of fibres lost, 0 to 1, where the lesion takes all it can."""

    actions: Mapping[str, float]
    areas: Mapping[str, float]
    arcs: Mapping[str, float]
    snaps: Mapping[str, float]
    needles: Mapping[str, float]


def skin_roots() -> Mapping[str, Mapping[str, float]]:
    """Return the roots that supply each skin finding, by its id, with their shares, which sum to 1."""
    return {name: table["roots"] for name, table in read("anatomy")["area"].items()}


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all patterns, ordered by site as in the vocabulary."""
    found = [
        Pattern(
            site=table["site"],
            name=table["name"],
            detail=table["detail"],
            weight=table["weight"],
            table=table,
        )
        for table in read("patterns")["pattern"]
    ]
    order = list(sites())
    return tuple(sorted(found, key=lambda pattern: order.index(pattern.site)))


def supplies(pattern: Pattern) -> tuple[str, ...]:
    """Return the root supplies that make a difference to this pattern: one, where no root is hit."""
    every = tuple(read("anatomy")["supply"])
    return every if "roots" in pattern.table else every[:1]


def loss_of(pattern: Pattern, supply: str) -> Loss:
    """Return what this pattern takes away in a person with this root supply."""
    anatomy, table = read("anatomy"), pattern.table
    figures = read("instrument")["root_supply"]
    muscles = {
        name: _of_structure(entry, table, supply, figures["full_share"])
        for name, entry in anatomy["muscle"].items()
    }
    muscles |= table.get("muscles", {})
    actions = {
        name: sum(share * muscles[muscle] for muscle, share in entry["muscles"].items())
        for name, entry in anatomy["action"].items()
    }
    actions |= table.get("actions", {})
    direct = table.get("actions")
    return Loss(
        actions={name: min(1.0, share) for name, share in actions.items()},
        areas=_areas(table, supply, figures["skin_share"]),
        arcs={
            name: table.get("arcs", {}).get(name, _of_structure(entry, table, supply, figures["full_share"]))
            for name, entry in anatomy["arc"].items()
        },
        snaps={
            name: _snap(entry, table, supply, figures["skin_share"])
            for name, entry in anatomy["snap"].items()
        },
        needles={
            name: _needle(name, muscles[muscle], direct, table) for name, muscle in anatomy["needle"].items()
        },
    )


def _areas(table: Table, supply: str, whole: float) -> dict[str, float]:
    direct = table.get("areas", {})
    return {
        name: direct.get(name, _of_structure(entry, table, supply, whole))
        for name, entry in read("anatomy")["area"].items()
    }


def _snap(entry: Table, table: Table, supply: str, whole: float) -> float:
    """Return the share of the nerve lost beyond its ganglion; a root lesion leaves the response."""
    if not table.get("postganglionic", False):
        return 0.0
    if "snaps" in table:
        return float(table["snaps"])
    # A conduction block without loss of axons leaves the response beyond it as it was.
    return _of_structure(entry, table, supply, whole) * float(table.get("axonal", 1.0))


def _needle(name: str, muscle: float, actions: Table | None, table: Table) -> float:
    """Return the share of the muscle's supply lost, where the lesion denervates at all."""
    strength = float(table.get("needle", 1.0 if table.get("lower", False) else 0.0))
    moved = read("anatomy")["needle_action"].get(name, "")
    if name == "emg_paraspinals" and "paraspinals" in table:
        return strength * float(table["paraspinals"])
    if actions is not None:
        return strength * min(1.0, float(actions.get(moved, 0.0)))
    return strength * muscle


def _of_structure(entry: Table, table: Table, supply: str, whole: float) -> float:
    """Return the share lost of something with roots and a nerve path."""
    path = entry["path"]
    below = max((table.get("lesion", {}).get(structure, 0.0) for structure in path), default=0.0)
    spared = max((table.get("spared", {}).get(structure, 0.0) for structure in path), default=0.0)
    hit = table.get("roots", {})
    above = sum(share * hit.get(root, 0.0) for root, share in _supplied(entry["roots"], supply).items())
    return float(max(below, min(1.0, above / whole) * (1.0 - spared)))


def _supplied(shares: Mapping[str, float], supply: str) -> dict[str, float]:
    """Return the root shares of a person whose supply is shifted towards the roots above or below."""
    shift = read("anatomy")["supply"][supply]["shift"]
    order = read("anatomy")["roots"]["order"]
    shifted = {root: share * (1.0 - abs(shift)) for root, share in shares.items()}
    step = (shift > 0) - (shift < 0)
    for root, share in shares.items():
        place = min(max(order.index(root) + step, 0), len(order) - 1)
        shifted[order[place]] = shifted.get(order[place], 0.0) + share * abs(shift)
    return shifted
