"""How often the engine is right on published patients, as its own page tells it and tests keep it true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import localization

PAGE = Path(localization.__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
ROW, NOTE = "|", "- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of figures; `title` is the line above it, empty where there is none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The tables of figures and the notes to them: how many patients, which interval, each band's record."""

    tables: tuple[Table, ...]
    notes: tuple[str, ...]


@cache
def figures() -> Figures:
    """Return the figures of the engine's page; raises ValueError when the page has no figures."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return figures_of(lines[lines.index(BEGIN) + 1 : lines.index(END)])


def figures_of(lines: list[str]) -> Figures:
    """Return the figures in these lines of Markdown: titles, tables and a list of notes."""
    tables: list[Table] = []
    notes: list[str] = []
    title = ""
    for is_table, block in groupby(filter(None, lines), key=lambda line: line.startswith(ROW)):
        if is_table:
            tables.append(_table(title, list(block)))
            title = ""
            continue
        for line in block:
            if line.startswith(NOTE):
                notes.append(line.removeprefix(NOTE))
            else:
                title = line
    return Figures(tables=tuple(tables), notes=tuple(notes))


def _table(title: str, lines: list[str]) -> Table:
    columns, _, *rows = [_cells(line) for line in lines]
    return Table(title=title, columns=columns, rows=tuple(rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip(ROW).split(ROW))
