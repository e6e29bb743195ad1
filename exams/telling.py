"""Who can be told of a red flag, as `telling.toml` lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who can be told: `label` stands on the key, `whom` inside a sentence."""

    id: str
    label: str
    whom: str


def _read() -> tuple[Told, ...]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Told(**row) for row in table["told"])


TELLING: tuple[Told, ...] = _read()
_WHOM = {one.id: one.whom for one in TELLING}


def whom(told: str) -> str:
    """Return who was told, as it stands inside a sentence; an id no longer listed stands for itself."""
    return _WHOM.get(told, told.replace("_", " "))
