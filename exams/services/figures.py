"""How often the engine is right on published patients, as its own page tells it and tests keep it true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import localization

PAGE = Path(localization.__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The table of figures and the notes to it: how many patients, which interval, and each band's record."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@cache
def figures() -> Figures:
    """Return the figures of the engine's page; raises ValueError when the page has no figures."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    shown = lines[lines.index(BEGIN) + 1 : lines.index(END)]
    head, _, *rows = [_cells(line) for line in shown if line.startswith("|")]
    notes = tuple(line.removeprefix("- ") for line in shown if line.startswith("- "))
    return Figures(columns=head, rows=tuple(rows), notes=notes)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))
