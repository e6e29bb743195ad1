"""Which roots stand on a skin area, and what the areas of one root say together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from localization import skin_roots

DRAWING = Path(__file__).with_name("body_map.toml")
# The looks of an area and their words, in the order in which they are told: what alarms stands first.
TOLD: Mapping[str, str] = {
    "absent": "absent",
    "reduced": "reduced",
    "normal": "normal",
    "not-tested": "not tested",
    "": "not recorded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSays:
    """The areas that share their main roots, on one leg, with the look of each."""

    roots: str
    looks: tuple[str, ...]

    @property
    def text(self) -> str:
        """How many areas are in which state, such as “reduced at 2 of 3 areas; normal at 1”."""
        told = [(words, self.looks.count(look)) for look, words in TOLD.items() if look in self.looks]
        (words, count), *others = told
        if len(self.looks) == 1:
            return words
        first = f"{words} at {count} of {len(self.looks)} areas"
        return "; ".join((first, *(f"{also} at {more}" for also, more in others)))


@cache
def main_roots(finding: str) -> tuple[str, ...]:
    """Return the roots that chiefly supply a skin area, from above downwards."""
    shares = skin_roots()[finding]
    least = _main_share() * max(shares.values())
    return tuple(sorted(root for root, share in shares.items() if share >= least))


@cache
def _main_share() -> float:
    share: float = tomllib.loads(DRAWING.read_text(encoding="utf-8"))["main_root"]
    return share
