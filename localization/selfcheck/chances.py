"""Priors, likelihoods and profiles cover every site and value, lie in range, and sum to 1."""

from __future__ import annotations

from collections.abc import Iterator

from localization.anatomy import patterns
from localization.catalogue import catalogue
from localization.knowledge import read
from localization.selfcheck.shares import sums_to_one
from localization.sites import sites
from localization.tables import by_site


def priors() -> Iterator[str]:
    """Yield settings without priors, and priors that leave a site out or do not sum to 1."""
    settings = set(read("wording")["setting"])
    if settings != set(read("priors")["prior"]):
        yield "priors: settings differ from those of wording.toml"
    for name, table in read("priors")["prior"].items():
        yield from sums_to_one(f"priors.{name}", list(table["sites"].values()))
        if list(table["sites"]) != list(sites()) or min(table["sites"].values()) <= 0.0:
            yield f"priors.{name}: every site needs a share above 0, in the order of the vocabulary"


def likelihoods() -> Iterator[str]:
    """Yield likelihoods of unknown findings, values, sites and patterns, and shares outside 0 to 1."""
    keys = {pattern.key for pattern in patterns()}
    for name, table in read("likelihoods")["likelihood"].items():
        if name not in catalogue() or table["value"] not in catalogue()[name].scale.tokens:
            yield f"likelihoods.{name}: unknown finding or value"
        named = {*table["sites"], *(row["site"] for row in table.get("published", ()))}
        if not named <= set(sites()) or not set(table.get("pattern", {})) <= keys:
            yield f"likelihoods.{name}: unknown site or pattern"
            continue
        shares = [*(by_site(name, site) for site in sites()), *table.get("pattern", {}).values()]
        if not all(0.0 < share < 1.0 for share in shares):
            yield f"likelihoods.{name}: every share must lie between 0 and 1"


def choices() -> Iterator[str]:
    """Yield choices without one share for each value."""
    for name, table in read("likelihoods")["choice"].items():
        rows = {**table["sites"], **table.get("pattern", {})}
        for key, row in rows.items():
            if len(row) != len(table["values"]) or min(row) <= 0.0:
                yield f"likelihoods.{name}.{key}: one share above 0 for each value is needed"
            yield from sums_to_one(f"likelihoods.{name}.{key}", list(row))


def profiles() -> Iterator[str]:
    """Yield severities and gait profiles that leave a value out or do not sum to 1."""
    instrument = read("instrument")
    yield from sums_to_one(
        "instrument.severity", [row["probability"] for row in instrument["severity"].values()]
    )
    values = set(catalogue()["gait_pattern"].scale.tokens)
    for name, table in instrument["gait"].items():
        shares = {value: share for value, share in table.items() if value in values}
        if set(shares) != values:
            yield f"instrument.gait.{name}: one share for each gait pattern is needed"
        yield from sums_to_one(f"instrument.gait.{name}", list(shares.values()))
