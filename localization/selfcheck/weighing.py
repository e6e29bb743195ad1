"""Every finding that weighs tells sites apart, and every value of its scale is read as one that can occur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from localization.catalogue import Finding, Value, catalogue
from localization.findings import Leg
from localization.knowledge import read
from localization.likelihood import Likelihood, likelihood, weighs, weights_of
from localization.sites import sites
from localization.states import INNER, Array, states


def values_are_read() -> Iterator[str]:
    """Yield values of a scale that the engine cannot read, and values that cannot occur at some site."""
    for finding, leg, table in _weighing():
        place = f"{finding.id}{f' of the {leg} leg' if leg else ''}"
        chances = _per_site(table)
        for number, value in enumerate(table.values):
            never = [
                site for site, chance in zip(sites(), chances[:, number], strict=True) if not chance > 0.0
            ]
            if never:
                yield f"{place}: “{value}” has no chance above 0 at {', '.join(never)}; every site needs one"
        for recorded in _values(finding):
            read_as = _read_as(finding, recorded)
            if not read_as or not set(read_as) <= set(table.values):
                yield f"{place}: “{recorded}” is read as none of {', '.join(table.values)}"


def findings_tell_sites_apart() -> Iterator[str]:
    """Yield findings none of whose values ever weighs as much as the smallest weight that a report names."""
    least = read("instrument")["placing"]["smallest_weight"]
    for finding, leg, table in _weighing():
        if leg == "contra":
            continue
        chances = _per_site(table)
        weight = float(np.log(chances.max(axis=0) / chances.min(axis=0)).max())
        if weight < least:
            yield (
                f"{finding.id}: its most telling value weighs {weight:.3f}, less than {least:g}, the "
                "smallest weight that a report names; give it figures that differ between sites, or none"
            )


def _weighing() -> Iterator[tuple[Finding, Leg | None, Likelihood]]:
    """Yield every table that the engine reads: each weighing finding, on either leg or once."""
    for name, finding in catalogue().findings.items():
        legs: tuple[Leg | None, ...] = ("index", "contra") if finding.sided else (None,)
        if weighs(name):
            yield from ((finding, leg, likelihood(name, leg)) for leg in legs)


def _per_site(table: Likelihood) -> Array:
    """Return P(value | site), sites by values."""
    columns = []
    for place in range(len(table.values)):
        by_lesion = (states().prior * table.typical[..., place]).sum(axis=INNER)
        columns.append(np.add.reduceat(by_lesion, states().site_starts))
    chances: Array = np.stack(columns, axis=1)
    return chances


def _values(finding: Finding) -> tuple[Value, ...]:
    """Return every value that a file may hold; of a number its limits."""
    scale = finding.scale
    limits = tuple(limit for limit in (scale.minimum, scale.maximum) if limit is not None)
    return scale.tokens if scale.kind == "choice" else limits


def _read_as(finding: Finding, value: Value) -> Mapping[str, float]:
    try:
        return weights_of(finding.id, value)
    except (KeyError, ValueError):  # a number below the first group has none
        return {}
