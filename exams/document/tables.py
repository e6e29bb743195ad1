"""The findings as they were entered: LEFT and RIGHT side by side, untested spelt out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from exams.document.answers import Answers, shown
from exams.document.words import listed, lowered, text, words
from exams.steps import sides_of
from localization import CATALOGUE, PHRASES, most_trials, per_kg, side_difference, told_trials

if TYPE_CHECKING:
    from exams.models import Observation
    from localization import Finding

NOT_DONE = frozenset({"", "not_done"})
NOT_HELD = "not_held"
MASS = "body_mass_kg"
OTHER_LEG = {"left": "right", "right": "left"}


def finding_tables(answers: Answers, asked: Iterable[str]) -> list[dict[str, Any]]:
    """Return one table for each group of the catalogue, in its order; `asked` is what the protocol asks."""
    findings = shown(answers, asked)
    tables = [_table(group.id, group.label, findings, answers) for group in CATALOGUE.groups]
    return [table for table in tables if table["told"] or table["rest"]]


def _table(group: str, label: str, findings: Iterable[Finding], answers: Answers) -> dict[str, Any]:
    """Return one group: rows for what was recorded, and a sentence for each reason why the rest was not.

    It is `told` when it has a row at all.
    """
    rows: dict[str, list[dict[str, Any]]] = {"sided": [], "unsided": []}
    rest: dict[str, list[str]] = {}
    for finding in findings:
        if finding.group != group:
            continue
        why = _left_out(finding, answers)
        if why:
            rest.setdefault(why, []).append(finding.label)
        else:
            rows["sided" if finding.sided else "unsided"].append(_row(finding, _cells(finding, answers)))
    sentences = [text("rest_of_group", why=why, findings=listed(names)) for why, names in rest.items()]
    return {"group": group, "label": label, "told": any(rows.values()), **rows, "rest": sentences}


def _left_out(finding: Finding, answers: Answers) -> str:
    """Return why no side was tested, when one reason holds for all and nothing was written; else nothing."""
    found = [answers.get((finding.id, side)) for side in sides_of(finding)]
    whys = {why_untested(answer) for answer in found}
    written = any(answer.note or _detail(answer) for answer in found if answer)
    return whys.pop() if len(whys) == 1 and not written else ""


def why_untested(answer: Observation | None) -> str:
    """Return in words that a side was not tested, and why; nothing when it was."""
    if answer is None:
        return text("untested_unanswered")
    if not answer.not_tested:
        return ""
    if could_not(answer):
        return text("untested_for_reason", reason=lowered(_label(answer.reason)))
    return text("untested_not_done" if answer.reason else "untested_unexplained")


def _row(finding: Finding, cells: list[dict[str, Any]]) -> dict[str, Any]:
    return {"finding": finding.id, "label": finding.label, "detail": finding.detail, "cells": cells}


def _cells(finding: Finding, answers: Answers) -> list[dict[str, Any]]:
    cells = [cell(finding, side, answers.get((finding.id, side))) for side in sides_of(finding)]
    if most_trials(finding) == 1:
        return cells
    return [found | {"detail": _force_detail(finding, found, answers)} for found in cells]


def _force_detail(finding: Finding, found: dict[str, Any], answers: Answers) -> str:
    """Return what limits a measured force, with its trials, per kilogram, and beside the other leg."""
    side, parts = found["side"], [found["detail"]]
    answer, mass = answers.get((finding.id, side)), answers.get((MASS, ""))
    other = answers.get((finding.id, OTHER_LEG[side]))
    if answer is None or answer.not_tested:
        return str(found["detail"])
    if answer.trials:
        rule, *trials = answer.trials.split()
        parts.append(told_trials(trials, rule))
    if mass is not None and not mass.not_tested:
        parts.append(per_kg(answer.token, mass.token))
    held = NOT_HELD not in {answer.guard, other.guard if other else ""}
    if other is not None and not other.not_tested and held:
        parts.append(side_difference(answer.token, other.token))
    return "; ".join(part for part in parts if part)


def cell(finding: Finding, side: str, answer: Observation | None) -> dict[str, Any]:
    """Return one value in words with its sign; what has no answer, or was not done, is not tested."""
    tested = answer is not None and not answer.not_tested
    return {
        "side": side,
        "column": words()["columns"][side or "unsided"],
        "state": finding.state_of(answer.token) if answer and tested else "untested",
        "could_not": answer is not None and could_not(answer),
        "text": value_text(finding, answer),
        "detail": _detail(answer) if answer else "",
        "note": answer.note if answer else "",
    }


def could_not(answer: Observation) -> bool:
    """Return whether the finding could not be tested, for a reason that was given."""
    return answer.not_tested and answer.reason not in NOT_DONE


def value_text(finding: Finding, answer: Observation | None) -> str:
    """Return a value in words, or that it was not tested, with the reason where one was given."""
    if answer is not None and could_not(answer):
        return str(PHRASES["could_not_test"]).format(reason=lowered(_label(answer.reason)))
    if answer is None or answer.not_tested:
        return str(PHRASES["not_tested"])
    return finding.value_label(answer.token)


def _detail(answer: Observation) -> str:
    falsified = answer.guard == NOT_HELD
    parts = []
    if answer.confounder:
        counted = PHRASES["counted_as"][answer.count_as or "ignore"]
        words = PHRASES["limited" if falsified else "confounded"]
        parts.append(str(words).format(confounder=lowered(_label(answer.confounder)), counted_as=counted))
    if falsified:
        parts.append(str(PHRASES["guard_not_held"]))
    if answer.modality:
        parts.append(answer.modality.replace("_", " "))
    return "; ".join(parts)


def _label(choice: str) -> str:
    known = {entry.id: entry.label for entry in (*CATALOGUE.reasons_not_tested, *CATALOGUE.confounders)}
    return known[choice]


def counts(answers: Answers, asked: Iterable[str]) -> str:
    """Return how many values were recorded, not tested, and could not be tested, as a sentence."""
    cells = [found for finding in shown(answers, asked) for found in _cells(finding, answers)]
    tested = sum(found["state"] != "untested" for found in cells)
    untestable = sum(found["could_not"] for found in cells)
    untested = len(cells) - tested - untestable
    if not untestable:
        return text("counts_all_testable", tested=tested, untested=untested)
    return str(PHRASES["counts"]).format(tested=tested, could_not=untestable, untested=untested)
