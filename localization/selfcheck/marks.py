"""Every number says where it is from, and every source that is named stands in sources.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localization.knowledge import names, read
from localization.sites import sources

SHARED = "shared_basis"
BASES = ("published", "judged")


def sources_exist() -> Iterator[str]:
    """Yield every source that is cited but not listed, and every one that is listed but never cited."""
    cited = [(place, source) for name in names() for place, source in _cited(name)]
    for place, source in cited:
        if source not in sources():
            yield f"{place}: source “{source}” is not in sources.toml; add it there, or cite one that is"
    for source, table in read("sources")["source"].items():
        is_cited = any(name == source for _, name in cited)
        if not is_cited and not table.get("kept_for"):
            yield f"sources.{source}: nothing cites it; cite it, or say in kept_for what it is kept for"
        if is_cited and "kept_for" in table:
            yield f"sources.{source}: cited by now; take its kept_for out"


def _cited(name: str) -> Iterator[tuple[str, str]]:
    """Yield every source that a file cites, with its place: under "source", or a key that ends so."""
    if name == "sources":
        return
    for place, table in _tables(read(name), name):
        for key, listed in table.items():
            if key == "source" or key.endswith("_source"):
                yield from ((place, source) for source in ([listed] if isinstance(listed, str) else listed))


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
    """Yield every number without basis, and every basis without what it needs, in every file."""
    for name in names():
        shared = read(name).get(SHARED, {})
        for key, value in read(name).items():
            yield from _unmarked(value, f"{name}.{key}", shared, marked=key in shared)
        for key in shared:
            if not _has_number(read(name), key):
                yield f"{name}.{SHARED}.{key}: the file has no number called {key}"


def _has_number(table: Mapping[str, Any], key: str) -> bool:
    """Return whether a number stands under this key anywhere in the tables."""
    return any(
        isinstance(entry.get(key), (int, float, dict)) and not place.endswith(SHARED)
        for place, entry in _tables(table, "")
    )


def _unmarked(value: object, place: str, shared: Mapping[str, Any], *, marked: bool) -> Iterator[str]:
    """Yield the numbers that neither a table above them nor the file's shared basis marks."""
    if isinstance(value, (bool, str)):
        return
    if isinstance(value, (int, float)):
        if not marked:
            yield f"{place}: a number without basis; allowed: a basis beside it, or {SHARED} for its name"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unmarked(item, f"{place}[{number}]", shared, marked=marked)
    elif isinstance(value, dict):
        yield from _mark(value, place)
        for key, item in value.items():
            below = marked or "basis" in value or key in shared
            yield from _unmarked(item, f"{place}.{key}", shared, marked=below)


def _mark(table: Mapping[str, Any], place: str) -> Iterator[str]:
    basis = table.get("basis")
    if basis is None:
        return
    if basis not in BASES:
        yield f"{place}: basis “{basis}” is not known. Allowed: {', '.join(BASES)}"
    if not table.get("source"):
        yield f"{place}: no source; where nothing was counted, clinician_estimate says so"
    if basis == "judged" and not table.get("reason"):
        yield f"{place}: judged without a reason"
    if basis == "published" and not 0 <= table.get("k", -1) <= table.get("n", -1):
        yield f"{place}: published without counts; k of n patients, 0 ≤ k ≤ n, are needed"
