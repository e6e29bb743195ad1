"""Every figure lies in its range, and every name in a table of figures is one that exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from localization.anatomy import patterns
from localization.catalogue import catalogue
from localization.findings import DECIDING
from localization.knowledge import read
from localization.selfcheck.shares import sums_to_one
from localization.strength import GRADES, UNGRADED

# Fields of a pattern that hold shares by name, and those that hold one chance.
SHARES = ("roots", "spared", "lesion", "muscles", "actions", "areas", "arcs")
CHANCES = ("weight", "sensory", "snaps", "paraspinals", "needle", "foot_drop", "axonal")
MARKS = ("basis", "reason", "source", "k", "n")
# Figures of instrument.toml that are no shares: each must be above 0.
POSITIVE = (
    "grades.ceiling",
    "grades.spread",
    "force.spread",
    "published_weight.patients",
    "reserve.exponent",
    "placing.minimum_findings",
    "placing.conflict",
    "placing.adult_age",
    "placing.ranked_least",
    "placing.ranked_most",
    "placing.tests_shown",
)
# Days and steps have rules of their own.
NUMBERED = ("timing.first_day", "grades.steps")


def patterns_are_in_range() -> Iterator[str]:
    """Yield shares and chances of patterns outside 0 to 1, and patterns without weight."""
    for pattern in patterns():
        place, table = f"patterns.{pattern.key}", pattern.table
        for field in SHARES:
            yield from _within(f"{place}.{field}", table.get(field, {}))
        yield from _within(place, {field: table[field] for field in CHANCES if field in table})
        if not table["weight"] > 0.0:
            yield f"{place}.weight: {table['weight']} gives the pattern no chance; above 0 is needed"


def instrument_is_in_range() -> Iterator[str]:
    """Yield figures of the measuring instrument outside their range."""
    tables = {kind: table for kind, table in read("instrument").items() if isinstance(table, dict)}
    for kind, table in tables.items():
        for place, number in _numbers(table, kind):
            if place in POSITIVE and not number > 0.0:
                yield f"instrument.{place}: {number} is not above 0"
            elif not place.startswith((*POSITIVE, *NUMBERED)) and not 0.0 <= number <= 1.0:
                yield f"instrument.{place}: {number} is no share: 0 to 1 (others: ranges.POSITIVE)"
    yield from _measuring()


def _measuring() -> Iterator[str]:
    """Yield steps between grades that do not rise, and plantar responses that leave none normal."""
    steps = read("instrument")["grades"]["steps"]
    if len(steps) != len(GRADES) - 1 or sorted(set(steps)) != steps:
        yield f"instrument.grades.steps: {len(GRADES) - 1} rising steps are needed, one between grades"
    for name, profile in read("instrument")["upper"].items():
        equivocal = read("instrument")["plantar"]["equivocal"]
        if not profile["extensor"] + equivocal < 1.0:
            yield f"instrument.upper.{name}: extensor and equivocal plantar responses leave no flexor one"


def blends_are_grades() -> Iterator[str]:
    """Yield grades between the six that are read as no mixture of them, or as one that does not sum to 1."""
    blends = {name: table for name, table in read("instrument")["blends"].items() if isinstance(table, dict)}
    tokens = set(catalogue()[DECIDING].scale.tokens)
    if wrong := (tokens - set(GRADES) - {UNGRADED}) ^ set(blends):
        yield f"instrument.blends: {', '.join(sorted(wrong))} must stand here exactly if scales.toml has it"
    for name, shares in blends.items():
        if unknown := set(shares) - set(GRADES):
            yield f"instrument.blends.{name}: unknown {', '.join(unknown)}. Allowed: {', '.join(GRADES)}"
        yield from sums_to_one(f"instrument.blends.{name}", shares.values())


def instrument_names_exist() -> Iterator[str]:
    """Yield names in instrument.toml that do not exist, and movements, arcs and studies without a figure."""
    table, anatomy = read("instrument"), read("anatomy")
    gain = {name for name, figure in table["gain"].items() if isinstance(figure, float)}
    yield from _same("instrument.gain", gain, anatomy["action"])
    yield from _same("instrument.reflex", table["reflex"], anatomy["arc"])
    yield from _known("instrument.escape.chance_of", table["escape"]["chance_of"], anatomy["action"])
    yield from _known("instrument.background.areas", table["background"]["areas"], anatomy["area"])
    yield from _known("instrument.background.arcs", table["background"]["arcs"], anatomy["arc"])
    yield from _known("instrument.walking.action", table["walking"]["action"].values(), anatomy["action"])
    yield from _known("instrument.hip.action", [table["hip"]["action"]], anatomy["action"])
    yield from _known("instrument.hip.needle", [table["hip"]["needle"]], anatomy["needle"])
    for field in ("shows_drop", "either_leg"):
        yield from _known(f"instrument.placing.{field}", table["placing"][field], catalogue().findings)
    yield from _known("instrument.placing.merge", table["placing"]["merge"], catalogue().scales)
    laboratory = {*anatomy["needle"], *anatomy["snap"]}
    yield from _same("instrument.timing.first_day", table["timing"]["first_day"], laboratory)


def laboratory_days_agree() -> Iterator[str]:
    """Yield days of nerve studies that differ between the weighing and the request to the laboratory."""
    timing, first = read("edx")["edx_timing"], read("instrument")["timing"]["first_day"]
    expected = {"sensory": "sensory_day", "needle": "needle_day", "paraspinal": "needle_paraspinal_day"}
    for name, day in first.items():
        kind = "sensory" if name in read("anatomy")["snap"] else "needle"
        kind = "paraspinal" if read("anatomy")["needle"].get(name, "").endswith("paraspinals") else kind
        if day != timing[expected[kind]]:
            yield (
                f"instrument.timing.first_day.{name}: day {day}, but edx.edx_timing.{expected[kind]} is "
                f"{timing[expected[kind]]}; both must say the same"
            )
    for pair, table in read("edx")["edx"].items():
        for kind, day in table["from_day"].items():
            key = expected.get(kind, f"{kind}_day")
            if day != timing.get(key):
                yield f"edx.{pair}.from_day.{kind}: day {day}, but edx_timing.{key} is {timing.get(key)}"


def _numbers(table: Mapping[str, Any], place: str) -> Iterator[tuple[str, float]]:
    for key, value in table.items():
        items = enumerate(value) if isinstance(value, list) else [("", value)]
        for number, item in items:
            where = f"{place}.{key}" + (f".{number}" if number != "" else "")
            if isinstance(item, dict):
                yield from _numbers(item, where)
            elif isinstance(item, (int, float)) and not isinstance(item, bool) and key not in MARKS:
                yield where, item


def _within(place: str, shares: Mapping[str, float]) -> Iterator[str]:
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            yield f"{place}.{name}: {share} is no share; 0 to 1 is needed"


def _known(place: str, found: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    if unknown := set(found) - set(known):
        yield f"{place}: unknown {', '.join(sorted(unknown))}. Allowed: {', '.join(known)}"


def _same(place: str, found: Iterable[str], wanted: Iterable[str]) -> Iterator[str]:
    yield from _known(place, found, wanted)
    if missing := set(wanted) - set(found):
        yield f"{place}: without {', '.join(sorted(missing))}; each needs a figure"
