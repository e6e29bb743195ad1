"""The nerve-pathway drawing as states: muscles and lines from the findings, sites from the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from localization.catalogue import Value, catalogue
from localization.findings import DECIDING, Findings, Side
from localization.knowledge import read
from localization.report import Report
from localization.sites import sites

MuscleState = Literal["", "is-weak", "is-normal"]
LineState = Literal["", "is-normal", "is-affected"]
MARKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MuscleMark:
    """One muscle of the drawing: its state class (empty when untested) and the grade as text."""

    state: MuscleState
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSite:
    """One site of the drawing: its place in the ranking, 1 to 3, or 0, and the detail to print beside it."""

    rank: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """The drawing of one leg, keyed by the ids of the picture without their prefix."""

    side: Side
    title: str
    muscles: Mapping[str, MuscleMark]
    segments: Mapping[str, LineState]
    sites: Mapping[str, MarkSite]


def pathway(findings: Findings, report: Report | None, *, side: Side) -> Pathway:
    """Return the drawing of one leg; without a report the lines and muscles are still coloured."""
    values = findings.leg(side)
    states = {name: _muscle(name, values) for name in read("anatomy")["action"]}
    return Pathway(
        side=side,
        title=read("wording")["drawing"]["title"].format(side=side),
        muscles=states,
        segments={
            name: _line(
                {muscle: states[muscle].state for muscle in table["feeds"]},
                {muscle: states[muscle].state for muscle in table["needs"]},
            )
            for name, table in read("anatomy")["segment"].items()
        },
        sites=_sites(findings, report, side),
    )


def _muscle(name: str, values: Mapping[str, Value]) -> MuscleMark:
    if name not in values:
        return MuscleMark(state="", text="")
    finding = catalogue()[name]
    normal = finding.state_of(values[name]) == "normal"
    return MuscleMark(state="is-normal" if normal else "is-weak", text=finding.value_label(values[name]))


def _line(feeds: Mapping[str, MuscleState], needs: Mapping[str, MuscleState]) -> LineState:
    """Return normal when a fed muscle is full, affected when every tested muscle is weak, else unknown."""
    if "is-normal" in feeds.values():
        return "is-normal"
    tested = [state for state in (*feeds.values(), *needs.values()) if state]
    return "is-affected" if tested and "is-normal" not in tested else ""


def _sites(findings: Findings, report: Report | None, side: Side) -> Mapping[str, MarkSite]:
    unmarked = {name: MarkSite(rank=0, detail="") for name in sites()}
    if report is None or report.placement not in {"placed", "group", "undecided"}:
        return unmarked
    other = findings.contra_values.get(DECIDING)
    other_weak = other is not None and catalogue()[DECIDING].state_of(other) == "abnormal"
    if side != findings.index and not other_weak:
        return unmarked
    ranked = {
        entry.site: MarkSite(rank=place, detail=sites()[entry.site].details.get(entry.detail, ""))
        for place, entry in enumerate(report.ranked[:MARKED], start=1)
    }
    return unmarked | ranked
