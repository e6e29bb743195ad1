"""The figures of an evaluation as lines for people, and as the tables of README and About page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localization.evaluation.operating import compare, counts
from localization.evaluation.performance import FIGURES

TITLES = {
    "top_1": "right site first",
    "top_2": "right site among the first two",
    "level_top_1": "right level first",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error (5 bins)",
}
PLACES = {"dangerous": "cases of brain, cord or cauda equina", "others": "other cases"}
NO_DIFFERENCE = "–"


def as_text(result: Mapping[str, Any]) -> str:
    """Return the figures as lines for people."""
    return "\n".join(_lines(result))


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"{result['n']} strict cases, setting {result['setting']}"
    for name in FIGURES:
        yield f"{name:18} {_words(result[name])}   prior alone {_words(result['prior'][name])}"
    yield from _method_lines(result)
    for group, row in result["top_1_by_level_group"].items():
        yield f"top-1 where the answer is {group}: {_words(row)} (n = {row['n']})"
    for name, row in result["bands"].items():
        yield f"first site with {name} support: right in {row['right']} of {row['n']}"
    yield f"first site at {result['sure']['at_least']} or more: {_right(result['sure'])}"
    for name, row in result["red_flags"].items():
        yield f"red flags, {name} cases: any in {row['any']} of {row['n']}, emergency in {row['emergency']}"
    yield from _danger_lines(result["danger"])
    yield from (f"missed {_line(row)}" for row in result["missed"])
    for row in result["not_counted"]:
        yield f"not counted, {'right' if row['right'] else 'missed'} {_line(row)}"


def _method_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each simpler method, and one with the paired differences."""
    for row in result["baselines"].values():
        yield (
            f"{row['label']}: top-1 {_words(row['top_1'])}, log loss {_words(row['log_loss'])}, "
            f"Brier {_words(row['brier'])}, at {row['sure']['at_least']} or more {_right(row['sure'])}"
        )
        gap = row["difference"]
        yield (
            f"  engine minus {row['label']}: log loss {_words(gap['log_loss'])}, Brier {_words(gap['brier'])}"
        )


def _danger_lines(danger: Mapping[str, Any]) -> Iterator[str]:
    yield _danger_words(danger)
    yield f"not in view: {', '.join(danger['missed']) or 'no case'}"
    others = danger["tripwire_in_others"]
    yield f"central tripwire, other cases: {others['tripwire']} of {others['n']}"
    for row in danger["cases"]:
        signs = [name for name in ("red_flag", "tripwire") if row[name]]
        counted = "" if row["strict"] else ", not counted"
        yield (
            f"  {row['id']}: {row['site']}, group p = {row['group_probability']:.3f}, "
            f"{' and '.join(signs) or 'no flag'}{counted}"
        )


def as_markdown(result: Mapping[str, Any]) -> str:
    """Return the figures as the tables of README and About page: each table may have a line above it."""
    return "\n".join([*_engine_table(result), "", *_methods_table(result), "", *_notes(result)])


def _engine_table(result: Mapping[str, Any]) -> list[str]:
    rows = [(TITLES[name], _words(result[name]), _words(result["prior"][name])) for name in FIGURES]
    return _table(("figure", "engine", "prior alone"), rows)


def _methods_table(result: Mapping[str, Any]) -> list[str]:
    """Return the simpler methods beside the engine on the same patients."""
    methods = result["baselines"].values()
    rows = [("engine", _words(result["top_1"]), _words(result["log_loss"]), NO_DIFFERENCE)]
    rows += [
        (row["label"], _words(row["top_1"]), _words(row["log_loss"]), _words(row["difference"]["log_loss"]))
        for row in methods
    ]
    heads = ("method", "right site first", "log loss", "engine’s log loss minus it")
    return ["The same patients by simpler methods", "", *_table(heads, rows)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---"] * len(heads)
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _notes(result: Mapping[str, Any]) -> Iterator[str]:
    bands = ", ".join(f"{name} {row['right']} of {row['n']}" for name, row in result["bands"].items())
    gaps = "; ".join(
        f"{row['label']} {_words(row['difference']['brier'])}" for row in result["baselines"].values()
    )
    yield f"- n = {result['n']} strict cases; mean with 95 % bootstrap interval; differences are paired."
    rows = counts(compare(result["setting"]))
    yield (
        f"- Published counts of single findings: what the engine implies lies inside the 95 % interval in "
        f"{rows['inside']} of {rows['n']}; {rows['cited']} of them come from studies that its figures cite."
    )
    yield f"- Engine’s Brier score minus that of: {gaps}."
    yield f"- First site right, by its band of support: {bands}."
    yield f"- Answers at {result['sure']['at_least']} or more: {_right(result['sure'])}."
    for name, row in result["red_flags"].items():
        emergencies = f"emergency rules in {row['emergency']}"
        yield f"- Red flags fire in {row['any']} of {row['n']} {PLACES[name]}, {emergencies}."
    yield f"- {_danger_words(result['danger'])}."
    yield from (f"- {_sentence(row['label'])}: {row['about']}" for row in result["baselines"].values())


def _danger_words(danger: Mapping[str, Any]) -> str:
    return (
        f"Brain, cord or cauda equina: in view in {danger['in_view']} of {danger['n']} cases (its level at "
        f"{danger['at_least']} or more in {danger['held']}, a red flag in {danger['red_flag']}, "
        f"the central tripwire in {danger['tripwire']})"
    )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _right(sure: Mapping[str, Any]) -> str:
    return f"right in {sure['right']} of {sure['n']}"


def _words(estimate: Mapping[str, float] | None) -> str:
    if estimate is None:
        return "no case"
    words = f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
    return words.replace("-", "−")


def _line(row: Mapping[str, Any]) -> str:
    answers = " or ".join((row["site"], *row["also"]))
    given = f"given {row['first']}, then {row['second']}"
    return f"{row['id']}: {answers}; {given}; p = {row['accepted_probability']:.3f}"
