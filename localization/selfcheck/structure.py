"""Supply, movements, drawing and lesion patterns name one another correctly, and shares sum to 1."""

from __future__ import annotations

from collections.abc import Iterator

from localization.anatomy import patterns
from localization.catalogue import catalogue
from localization.knowledge import read
from localization.selfcheck.shares import sums_to_one
from localization.sites import sites


def supply() -> Iterator[str]:
    """Yield root shares that do not sum to 1 or name an unknown root."""
    anatomy = read("anatomy")
    order = set(anatomy["roots"]["order"])
    for kind in ("muscle", "area", "arc", "snap"):
        for name, table in anatomy[kind].items():
            yield from sums_to_one(f"anatomy.{kind}.{name}.roots", table["roots"].values())
            if not set(table["roots"]) <= order:
                yield f"anatomy.{kind}.{name}: unknown root"
    yield from sums_to_one("anatomy.supply", [table["probability"] for table in anatomy["supply"].values()])


def movements() -> Iterator[str]:
    """Yield movements whose muscles are unknown or do not sum to 1."""
    anatomy = read("anatomy")
    for name, table in anatomy["action"].items():
        yield from sums_to_one(f"anatomy.action.{name}.muscles", table["muscles"].values())
        if name not in catalogue() or not set(table["muscles"]) <= set(anatomy["muscle"]):
            yield f"anatomy.action.{name}: unknown finding or muscle"


def drawing() -> Iterator[str]:
    """Yield what the anatomy predicts or draws and no finding or movement is."""
    anatomy = read("anatomy")
    for name in (*anatomy["area"], *anatomy["arc"], *anatomy["snap"], *anatomy["needle"]):
        if name not in catalogue():
            yield f"anatomy: “{name}” is not a finding"
    for name, table in anatomy["segment"].items():
        if not {*table["feeds"], *table["needs"]} <= set(anatomy["action"]):
            yield f"anatomy.segment.{name}: unknown muscle"


def _structures() -> set[str]:
    anatomy = read("anatomy")
    return {
        structure
        for kind in ("muscle", "area", "arc", "snap")
        for table in anatomy[kind].values()
        for structure in table["path"]
    } | {"pudendal"}


def lesion_patterns() -> Iterator[str]:
    """Yield patterns that name an unknown site, structure, muscle, area or profile."""
    anatomy, instrument = read("anatomy"), read("instrument")
    allowed = {
        "roots": set(anatomy["roots"]["order"]),
        "spared": _structures(),
        "lesion": _structures(),
        "muscles": set(anatomy["muscle"]),
        "actions": set(anatomy["action"]),
        "areas": set(anatomy["area"]),
        "arcs": set(anatomy["arc"]),
    }
    for pattern in patterns():
        if pattern.site not in sites():
            yield f"patterns.{pattern.key}: unknown site"
        for field, known in allowed.items():
            unknown = set(pattern.table.get(field, {})) - known
            if unknown:
                yield f"patterns.{pattern.key}.{field}: unknown {', '.join(sorted(unknown))}"
        if pattern.table["gait"] not in instrument["gait"]:
            yield f"patterns.{pattern.key}: unknown gait profile"
        if pattern.table.get("upper", "none") not in instrument["upper"]:
            yield f"patterns.{pattern.key}: unknown profile of upper-motor-neuron signs"
        yield from sums_to_one(f"patterns.{pattern.key}.contra", pattern.table["contra"])
