"""The figures of an evaluation as lines for people, and as the tables of README and About page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localization.evaluation.scoring import FIGURES

TITLES = {
    "top_1": "right site first",
    "top_2": "right site among the first two",
    "level_top_1": "right level first",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error (5 bins)",
}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the figures as lines for people."""
    lines = [f"{result['n']} strict cases, setting {result['setting']}"]
    lines += [
        f"{name:18} {_words(result[name])}   prior alone {_words(result['prior'][name])}" for name in FIGURES
    ]
    lines += [f"{name} minus prior: {_words(gap)}" for name, gap in result["difference_from_prior"].items()]
    lines += [
        f"top-1 where the answer is {group}: {_words(row)} (n = {row['n']})"
        for group, row in result["top_1_by_level_group"].items()
    ]
    lines += [
        f"first site with {name} support: right in {row['right']} of {row['n']}"
        for name, row in result["bands"].items()
    ]
    lines += [
        f"red flags, {name} cases: any in {row['any']} of {row['n']}, emergency in {row['emergency']}"
        for name, row in result["red_flags"].items()
    ]
    lines += [f"missed {_line(row)}" for row in result["missed"]]
    lines += [
        f"not counted, {'right' if row['right'] else 'missed'} {_line(row)}" for row in result["not_counted"]
    ]
    return "\n".join(lines)


def as_markdown(result: Mapping[str, Any]) -> str:
    """Return the figures as the tables of README and About page."""
    heads = "| figure | engine | prior alone |\n| --- | --- | --- |"
    rows = [
        f"| {TITLES[name]} | {_words(result[name])} | {_words(result['prior'][name])} |" for name in FIGURES
    ]
    gap = result["difference_from_prior"]
    bands = result["bands"].items()
    counted = ", ".join(f"{name} {row['right']} of {row['n']}" for name, row in bands)
    gaps = {name: _words(gap[name]) for name in ("log_loss", "brier")}
    notes = [
        f"n = {result['n']} strict cases; mean with 95 % bootstrap interval.",
        f"Paired difference from the prior: log loss {gaps['log_loss']}, Brier {gaps['brier']}.",
        f"First site right, by its band of support: {counted}.",
        *(_red_flag_note(name, row) for name, row in result["red_flags"].items()),
    ]
    return "\n".join([heads, *rows, "", *(f"- {note}" for note in notes)])


def _red_flag_note(name: str, row: Mapping[str, int]) -> str:
    cases = {"dangerous": "cases of brain, cord or cauda equina", "others": "other cases"}[name]
    return f"Red flags fire in {row['any']} of {row['n']} {cases}, emergency rules in {row['emergency']}."


def _words(estimate: Mapping[str, float] | None) -> str:
    if estimate is None:
        return "no case"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def _line(row: Mapping[str, Any]) -> str:
    answers = " or ".join((row["site"], *row["also"]))
    given = f"given {row['first']}, then {row['second']}"
    return f"{row['id']}: {answers}; {given}; p = {row['accepted_probability']:.3f}"
