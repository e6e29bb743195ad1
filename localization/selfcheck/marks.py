"""Every number says where it is from, and every source that is named stands in sources.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localization.knowledge import names, read
from localization.sites import sources

WEIGHED = ("anatomy", "patterns", "instrument", "priors", "likelihoods", "baselines")
BASES = ("published", "judged")


def sources_exist() -> Iterator[str]:
    """Yield every source that is cited but not listed."""
    for name in names():
        for place, table in _tables(read(name), name):
            listed = table.get("source", [])
            for source in [listed] if isinstance(listed, str) else listed:
                if source not in sources():
                    yield f"{place}: source “{source}” is not in sources.toml"


def _tables(table: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield place, table
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _tables(value, f"{place}.{key}")
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _tables(item, f"{place}.{key}[{number}]")


def numbers_are_marked() -> Iterator[str]:
    """Yield every number without basis, and every basis without what it needs."""
    for name in WEIGHED:
        for key, value in read(name).items():
            yield from _unmarked(value, f"{name}.{key}", marked=False)


def _unmarked(value: object, place: str, *, marked: bool) -> Iterator[str]:
    """Yield the numbers that no table above them marks as published or judged."""
    if isinstance(value, (bool, str)):
        return
    if isinstance(value, (int, float)):
        if not marked:
            yield f"{place}: a number without basis"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unmarked(item, f"{place}[{number}]", marked=marked)
    elif isinstance(value, dict):
        yield from _mark(value, place)
        for key, item in value.items():
            yield from _unmarked(item, f"{place}.{key}", marked=marked or "basis" in value)


def _mark(table: Mapping[str, Any], place: str) -> Iterator[str]:
    basis = table.get("basis")
    if basis is None:
        return
    if basis not in BASES:
        yield f"{place}: basis “{basis}” is neither published nor judged"
    if not table.get("source"):
        yield f"{place}: no source"
    if basis == "judged" and not table.get("reason"):
        yield f"{place}: judged without a reason"
    if basis == "published" and not 0 <= table.get("k", -1) <= table.get("n", -1):
        yield f"{place}: published without counts k of n"
