"""The engine's whole answers to the published patients, as files that a person can compare line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from localization import (
    DEFAULT_SETTING,
    Band,
    Missing,
    NextTest,
    RankedSite,
    Reason,
    RedFlag,
    Report,
    knowledge_version,
    localize,
)
from localization.casefile import Case, parse_case
from localization.engine import ENGINE
from tools.environment import ROOT

CASES = ROOT / "tests" / "cases"
FOLDER = ROOT / "tests" / "golden"
VERSION = "VERSION.json"
# Engine and knowledge are named once for all answers, in VERSION.json.
SAID_ONCE = frozenset({"engine", "knowledge"})
# What an entry's text says as well, or what follows from its rule or id: left out to keep the files small.
SAID_IN_TEXT: Mapping[type, frozenset[str]] = {
    Reason: frozenset({"finding", "leg", "side", "value", "site", "against", "favours", "source"}),
    Missing: frozenset({"finding"}),
    NextTest: frozenset({"position_label", "minutes", "position"}),
    RedFlag: frozenset({"label", "urgency_label", "banner", "can_mean", "say", "ask_also", "source"}),
    RankedSite: frozenset({"label"}),
}
DECIMALS = 6
# Two rounded numbers may differ by one step where processors differ in the last bit.
TOLERANCE = 2e-6
WIDTH = 200

Json: TypeAlias = Any
Answers: TypeAlias = dict[str, Json]


@cache
def published() -> tuple[Case, ...]:
    """Return every published patient of tests/cases, in the order of the file names."""
    return tuple(
        parse_case(path.name, path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.toml"))
    )


def fresh() -> Answers:
    """Return what engine and knowledge answer now, by case."""
    return {case.name: answer(localize(case.findings)) for case in published()}


def answer(report: Report) -> Json:
    """Return a report as it is frozen: every field that it has, new ones included."""
    return _fields(report, SAID_ONCE)


def _fields(entry: Any, left_out: frozenset[str]) -> Json:
    """Return the fields of an entry; the only field that is left stands for the whole."""
    kept = {
        field.name: plain(getattr(entry, field.name)) for field in fields(entry) if field.name not in left_out
    }
    return next(iter(kept.values())) if left_out and len(kept) == 1 else kept


def plain(value: object) -> Json:
    """Return a value as JSON holds it; a band by its id. Raises TypeError for what has no order."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0  # no minus before a zero
    if isinstance(value, Band):
        return value.id
    if is_dataclass(value):
        return _fields(value, SAID_IN_TEXT.get(type(value), frozenset()))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    message = f"A report holds {value!r}, which cannot be frozen: use text, numbers, tuples or dataclasses."
    raise TypeError(message)


def differences(before: Json, after: Json, place: str = "") -> Iterator[str]:
    """Yield the places where two answers differ: numbers beyond the tolerance, text at all."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if (key in before) != (key in after):
                yield f"{place}.{key}"
            else:
                yield from differences(before[key], after[key], f"{place}.{key}")
        if list(before) != list(after) and set(before) == set(after):
            yield f"{place} (order)"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{place}[{number}]")
    elif not same(before, after):
        yield place


def same(before: Json, after: Json) -> bool:
    """Return whether two single values are equal, numbers within the tolerance."""
    numbers = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in (before, after)]
    return bool(abs(before - after) <= TOLERANCE) if all(numbers) else bool(before == after)


def frozen(folder: Path = FOLDER) -> Answers:
    """Return the frozen answers by case, empty when nothing was frozen yet."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
        if path.name != VERSION
    }


def version(folder: Path = FOLDER) -> Json:
    """Return what the frozen answers rest on, empty when nothing was frozen yet."""
    path = folder / VERSION
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def standing(answers: Answers) -> Json:
    """Return which site stands first in each case and whether it may be named, by case."""
    return {
        name: {"first": item["ranked"][0]["site"], "placement": item["placement"]}
        for name, item in answers.items()
    }


def freeze(answers: Answers, section: str, folder: Path = FOLDER) -> Json:
    """Write the answers, and what they rest on; return the latter.

    `section` is the version at the head of the changelog. Changes are counted from the answers that were
    frozen last before that section began, so that freezing twice in one version forgets nothing.
    """
    before, known = frozen(folder), version(folder)
    now = {"engine": ENGINE, "knowledge": plain(knowledge_version()), "setting": DEFAULT_SETTING}
    base = known.get("base", {})
    if base.get("section") != section:
        earlier = known or now
        base = {
            "section": section,
            "engine": earlier["engine"],
            "knowledge": earlier["knowledge"],
            "standing": standing(before or answers),
        }
    new = {**now, "changed_since": changed(base["standing"], standing(answers)), "base": base}
    folder.mkdir(parents=True, exist_ok=True)
    for name in set(before) - set(answers):
        (folder / f"{name}.json").unlink()
    for name, item in {**answers, Path(VERSION).stem: new}.items():
        (folder / f"{name}.json").write_text(layout(item) + "\n", encoding="utf-8", newline="\n")
    return new


def changed(before: Json, after: Json) -> list[str]:
    """Return the cases of both in which the first site or the placement is another."""
    return [name for name in before if name in after and before[name] != after[name]]


def layout(value: Json, depth: int = 0) -> str:
    """Return JSON in which whatever fits stands on one line, and the rest one item a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(flat) + depth <= WIDTH:
        return flat
    inner = "\n" + " " * (depth + 1)
    if isinstance(value, list):
        return f"[{inner}{f',{inner}'.join(layout(item, depth + 1) for item in value)}\n{' ' * depth}]"
    items = (
        f"{json.dumps(key, ensure_ascii=False)}: {layout(item, depth + 1)}" for key, item in value.items()
    )
    return f"{{{inner}{f',{inner}'.join(items)}\n{' ' * depth}}}"
