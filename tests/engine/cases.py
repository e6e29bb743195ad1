"""The published patients of tests/cases, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from localization.casefile import Case, parse_case

FOLDER = Path(__file__).parent.parent / "cases"
PATHS = sorted(FOLDER.glob("*.toml"))


@cache
def published() -> tuple[Case, ...]:
    return tuple(parse_case(path.name, path.read_text(encoding="utf-8")) for path in PATHS)
