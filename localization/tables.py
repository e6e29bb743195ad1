"""The likelihood tables of what no anatomy predicts: judged figures joined with published counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from localization.anatomy import Pattern, patterns
from localization.knowledge import read


def table_of(finding: str) -> Mapping[str, Any]:
    """Return the yes/no table of a finding, as in likelihoods.toml."""
    table: Mapping[str, Any] = read("likelihoods")["likelihood"][finding]
    return table


def by_pattern(finding: str, pattern: Pattern) -> float:
    """Return P(the table's value | pattern): the pattern's own figure, else its site's, else the default."""
    table = table_of(finding)
    own = table.get("pattern", {}).get(pattern.key)
    return float(own) if own is not None else by_site(finding, pattern.site)


@cache
def by_key(finding: str) -> Mapping[str, float]:
    """Return P(the table's value | pattern) for every pattern, by the pattern's key."""
    return {pattern.key: by_pattern(finding, pattern) for pattern in patterns()}


def by_site(finding: str, site: str) -> float:
    """Return P(the table's value | site), the judged figure joined with every published row."""
    table = table_of(finding)
    judged = float(table["sites"].get(site, table["default"]))
    weight = read("instrument")["published_weight"]["patients"]
    rows = [row for row in table.get("published", ()) if row["site"] == site]
    hits, patients = sum(row["k"] for row in rows), sum(row["n"] for row in rows)
    return float((hits + weight * judged) / (patients + weight))


def baseline(finding: str) -> float:
    """Return P(the table's value) in a leg without a lesion."""
    table = table_of(finding)
    return float(table["sites"].get("none", table["default"]))


def choices_by_pattern(finding: str, pattern: Pattern) -> Sequence[float]:
    """Return P(each value | pattern) of a finding with several values, in the table's order."""
    table: Mapping[str, Any] = read("likelihoods")["choice"][finding]
    own: Sequence[float] | None = table.get("pattern", {}).get(pattern.key)
    rows: Mapping[str, Sequence[float]] = table["sites"]
    return own or rows.get(pattern.site) or rows["default"]


def choice_values(finding: str) -> tuple[str, ...]:
    """Return the values of a finding with several values, in the table's order."""
    return tuple(read("likelihoods")["choice"][finding]["values"])
