"""Whether brain, cord and cauda equina are kept in view: by probability, red flag or central tripwire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localization.casefile import Case
from localization.evaluation.scored import Scored
from localization.redflags import red_flags
from localization.sites import bands, sites
from localization.tripwire import central_tripwire

DANGEROUS = frozenset({"brain", "spinal_cord", "cauda_equina"})
EMERGENCY = "emergency"


def flags_fired(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return in how many cases flags fire: where brain, cord or cauda equina is the answer, and elsewhere."""
    found: dict[str, Any] = {}
    for name, wanted in (("dangerous", True), ("others", False)):
        urgencies = [
            {flag.urgency for flag in red_flags(item.case.findings)}
            for item in scored
            if dangerous(item.case) == wanted
        ]
        found[name] = {
            "n": len(urgencies),
            "any": sum(bool(fired) for fired in urgencies),
            "emergency": sum(EMERGENCY in fired for fired in urgencies),
        }
    return found


def dangerous(case: Case) -> bool:
    """Return whether brain, cord or cauda equina is an accepted answer."""
    return not DANGEROUS.isdisjoint(case.accepted)


def danger(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return what keeps each dangerous case in view; `missed` lists those that nothing does.

    Counted are strict cases; the others stand in `cases` and `missed` with strict = false.
    """
    least = least_listed()
    rows = [_row(item) for item in scored if dangerous(item.case)]
    seen = [row["group_probability"] >= least or row["red_flag"] or row["tripwire"] for row in rows]
    counted = [row for row in rows if row["strict"]]
    return {
        "at_least": least,
        "n": len(counted),
        "held": sum(row["group_probability"] >= least for row in counted),
        "red_flag": sum(row["red_flag"] for row in counted),
        "tripwire": sum(row["tripwire"] for row in counted),
        "in_view": sum(kept for row, kept in zip(rows, seen, strict=True) if row["strict"]),
        "cases": rows,
        "missed": [row["id"] for row, kept in zip(rows, seen, strict=True) if not kept],
        "tripwire_in_others": _tripwire_in_others(scored),
    }


def least_listed() -> float:
    """Return the probability from which a report lists a level at all."""
    return min(band.minimum for band in bands() if band.minimum > 0.0)


def _row(item: Scored) -> dict[str, Any]:
    """Return one dangerous case: the probability of its dangerous level groups, and what fires."""
    case = item.case
    groups = {sites()[site].group for site in DANGEROUS.intersection(case.accepted)}
    return {
        "id": case.name,
        "site": case.site,
        "strict": case.strict,
        "groups": sorted(groups),
        "group_probability": sum(
            chance for site, chance in item.chances.items() if sites()[site].group in groups
        ),
        "red_flag": bool(red_flags(case.findings)),
        "tripwire": central_tripwire(case.findings) is not None,
    }


def _tripwire_in_others(scored: Sequence[Scored]) -> dict[str, int]:
    """Return how often the tripwire speaks where no dangerous site is the answer, of the strict cases."""
    others = [item.case for item in scored if item.case.strict and not dangerous(item.case)]
    fired = sum(central_tripwire(case.findings) is not None for case in others)
    return {"n": len(others), "tripwire": fired}
