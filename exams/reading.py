"""Reads an answer back in words: its value, its sign, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from exams.answer import MODALITIES, Answer, answer_of, parted
from exams.models import Observation
from localization import CATALOGUE, PHRASES, Finding, told_trials

ShownState = Literal["abnormal", "normal", "neutral", "not_tested", "open"]
SIDE_LABELS = {"": "", "left": "patient's LEFT", "right": "patient's RIGHT"}
REASONS = {reason.id: reason.label for reason in CATALOGUE.reasons_not_tested}
CONFOUNDERS = {item.id: item.label for item in CATALOGUE.confounders}
MODALITY_LABELS = {item.id: item.label for item in MODALITIES}
COUNTED: Mapping[str, str] = {
    Observation.CountAs.WEAK: "counted as weak",
    Observation.CountAs.NORMAL: "counted as normal",
    Observation.CountAs.IGNORE: "not counted",
    Observation.CountAs.UNDECIDED: "not counted: decide how to count it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownValue:
    """One answer as a table shows it; `detail` says what limits it or why it was not tested."""

    side: str
    text: str
    state: ShownState
    detail: str = ""
    note: str = ""


def shown(finding: Finding, side: str, row: Observation | None) -> ShownValue:
    """Return a stored answer in words; no row is “Not recorded”, never normal."""
    if row is None:
        return ShownValue(side=side, text="Not recorded", state="open")
    return shown_answer(finding, answer_of(row))


def shown_answer(finding: Finding, answer: Answer) -> ShownValue:
    """Return an answer in words."""
    side, note = answer.side, answer.note
    if answer.not_tested:
        reason = REASONS.get(answer.reason, "")
        return ShownValue(side=side, text=untested(finding), state="not_tested", detail=reason, note=note)
    if not answer.token:
        return ShownValue(side=side, text="Not recorded", state="open", note=note)
    try:
        text, state = finding.value_label(answer.token), finding.state_of(answer.token)
    except (KeyError, ValueError):
        # Something typed that is no value of this scale: shown as typed, with no sign.
        return ShownValue(side=side, text=answer.token, state="neutral", note=note)
    return ShownValue(side=side, text=text, state=state, detail=_detail(answer), note=note)


def untested(finding: Finding) -> str:
    """Return the words on the key for no answer: a question is asked, everything else is tested."""
    return "Not asked" if finding.ask else "Not tested"


def _detail(answer: Answer) -> str:
    falsified = answer.guard == Observation.Guard.NOT_HELD
    parts = []
    if answer.confounder:
        limit = CONFOUNDERS.get(answer.confounder, answer.confounder)
        parts.append(f"limited by {limit[0].lower()}{limit[1:]}")
    if falsified:
        parts.append(str(PHRASES["guard_not_held"]))
    elif answer.confounder:
        # What was typed may be no choice at all, and then nothing was decided.
        parts.append(COUNTED.get(answer.count_as, COUNTED[Observation.CountAs.UNDECIDED]))
    if answer.trials:
        parts.append(told_trials(*parted(answer.trials)))
    if parts:
        return "; ".join(parts)
    return MODALITY_LABELS.get(answer.modality, "").lower()


def in_one_line(value: ShownValue) -> str:
    """Return value and detail as one phrase, such as “Not tested: pain”."""
    if not value.detail:
        return value.text
    detail = value.detail[0].lower() + value.detail[1:]
    return f"{value.text}: {detail}" if value.state == "not_tested" else f"{value.text} ({detail})"


def asking(finding: Finding, side: str) -> str:
    """Return what the examiner is asked to do for an open answer, such as “Select …, or Not tested”."""
    where = f", {SIDE_LABELS[side]}" if side else ""
    instead = f"or {untested(finding)}"
    if finding.group == "strength":
        return f"Select the strength of {finding.label.lower()}{where}, {instead}"
    if finding.scale.id == "sensation":
        return f"Select the sensation of {finding.label.lower()}{where}, {instead}"
    if finding.scale.kind == "number":
        return f"Type a number for “{finding.label}”{where}, {instead}"
    return f"Select an answer for “{finding.label}”{where}, {instead}"


def legend(finding: Finding, side: str, *, affected: bool) -> str:
    """Return the name of one side's group of keys for a screen reader: finding, muscle, side in words."""
    parts = [finding.label]
    if finding.group == "strength":
        parts.append(finding.detail.partition(" (")[0])
    if side:
        parts.append(SIDE_LABELS[side])
        if affected:
            parts.append("affected side")
    return ", ".join(part for part in parts if part)
