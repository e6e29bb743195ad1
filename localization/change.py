"""Whether two examinations of one person differ by more than repeating the test makes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from localization.catalogue import Value, catalogue
from localization.knowledge import read


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestChange:
    """The smallest difference beyond chance, in `unit`; of the force per kilogram if so said."""

    smallest: float
    unit: str
    per_kg: bool
    source: tuple[str, ...]


@cache
def smallest_change(finding: str) -> SmallestChange | None:
    """Return the smallest change of a finding beyond chance; None where no figure is known."""
    scale = catalogue()[finding].scale.id
    for entry in read("change")["change"]:
        if entry.get("finding") == finding or entry.get("scale") == scale:
            return SmallestChange(
                smallest=entry["smallest"],
                unit=entry["unit"],
                per_kg=entry.get("per_kg", False),
                source=tuple(entry["source"]),
            )
    return None


def measured(finding: str, value: Value, *, mass: float | None = None) -> float | None:
    """Return a value as the number on which its change is judged: rank of a grade, speed, force or N/kg.

    Args:
        finding: id of the finding.
        value: a token of its scale, or a number in the scale's unit.
        mass: body mass in kilograms on that day, None when it was not recorded.

    Returns:
        None where the value has no place on a line, or the mass that it needs is missing.
    """
    entry, known = catalogue()[finding], smallest_change(finding)
    if entry.scale.kind != "number":
        return entry.scale.value(str(value)).rank
    number = float(value)
    if entry.timed_metres:
        return entry.timed_metres / number if number else None
    if known and known.per_kg:
        return number / mass if mass else None
    return number


def told_change(finding: str, before: tuple[float, str], after: tuple[float, str]) -> str:
    """Return the change between two visits in a sentence; each is the measured number with its words."""
    words, known = read("change")["words"], smallest_change(finding)
    difference = after[0] - before[0]
    if not difference:
        return str(words["same"])
    said = {
        "direction": words["up" if difference > 0 else "down"],
        "before": before[1],
        "after": after[1],
    }
    if known is None:
        return str(words["unknown"].format(**said))
    sentence = words["beyond" if _is_beyond(abs(difference), known) else "within"]
    return str(sentence.format(**said, smallest=f"{known.smallest:g}", unit=known.unit))


def fell(finding: str, before: tuple[float, str], after: tuple[float, str]) -> bool:
    """Return whether a value fell between two visits by more than repeating the test makes by itself."""
    known = smallest_change(finding)
    return known is not None and _is_beyond(before[0] - after[0], known)


def _is_beyond(difference: float, known: SmallestChange) -> bool:
    """Whether a difference is beyond chance: rounded, so that 4.7 to 3.7 is a grade in spite of fractions."""
    return round(difference, 6) >= known.smallest


def one_visit() -> str:
    """Return the sentence for a series of one."""
    return str(read("change")["words"]["none"])
