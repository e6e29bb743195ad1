"""Shows what a change of engine or knowledge did to the published patients, and freezes the new answers.

Alone it prints the difference between frozen and fresh answers; the exit status is 1 when there is one.
With --write it freezes the answers of now, and prints the lines that CHANGELOG.md must then hold.
"""

from __future__ import annotations

import math
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from localization import SITES
from localization.casefile import Case
from tools.environment import ROOT
from tools.frozen import Answers, Json, changed, differences, freeze, fresh, frozen, published, standing

CHANGELOG = ROOT / "CHANGELOG.md"
WORD = "--write"
WIDTH = 116
# What the table and lines of their own show; every other field that differs is named.
SHOWN = ("posterior", "groups", "placement", "leading", "red_flags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One published patient whose frozen and fresh answers differ; `places` are the parts that do."""

    case: Case
    before: Json
    after: Json
    places: tuple[str, ...]

    @property
    def accepted(self) -> tuple[float, float]:
        """The probability of the documented answer, before and after."""
        before, after = (
            sum(answer["posterior"][site] for site in self.case.accepted)
            for answer in (self.before, self.after)
        )
        return before, after

    def fields(self) -> tuple[str, ...]:
        """Return the names of the report's fields that differ, each once."""
        return tuple(
            dict.fromkeys(re.split(r"[.\[ ]", place)[1] for place in self.places if place[:1] == ".")
        )


def changes(before: Answers, after: Answers) -> tuple[Change, ...]:
    """Return every patient of both whose answers differ."""
    found = []
    for case in published():
        if case.name in before and case.name in after:
            places = tuple(differences(before[case.name], after[case.name]))
            if places:
                found.append(
                    Change(case=case, before=before[case.name], after=after[case.name], places=places)
                )
    return tuple(found)


def told(before: Answers, after: Answers) -> Iterator[str]:
    """Yield the whole difference as lines that a clinician reads."""
    if not before:
        yield "No answers are frozen yet: python3 run.py golden --write freezes them."
        return
    found = changes(before, after)
    if found:
        yield from table(found)
        for change in found:
            yield from detail(change)
        yield ""
    yield from counts(found, before, after)


def table(found: tuple[Change, ...]) -> Iterator[str]:
    """Yield one row for each changed patient: what stands first, and how likely the documented answer is."""
    rows = [("case", "documented", "stands first", "documented answer")]
    for change in found:
        before, after = change.accepted
        rows.append(
            (
                change.case.name,
                " or ".join(_short(site) for site in change.case.accepted),
                _arrow(_first(change.before), _first(change.after)),
                f"{before:.3f} → {after:.3f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def detail(change: Change) -> Iterator[str]:
    """Yield what else differs for one patient: placement, red flags, texts, and the other parts by name."""
    before, after = change.before, change.after
    lines = []
    if before["placement"] != after["placement"]:
        lines.append(f"placement: {before['placement']} → {after['placement']}")
    flags = [{flag["id"] for flag in answer["red_flags"]} for answer in (before, after)]
    lines += [f"red flag no longer fires: {name}" for name in sorted(flags[0] - flags[1])]
    lines += [f"red flag fires now: {name}" for name in sorted(flags[1] - flags[0])]
    others = []
    for name in change.fields():
        if name not in before or name not in after or name in SHOWN:
            continue
        old, new = before[name], after[name]
        if isinstance(old, str) and isinstance(new, str):
            lines += [f"{name} was: {old or 'nothing'}", f"{' ' * len(name)} now: {new or 'nothing'}"]
        elif not old or not new:
            lines.append(f"{name}: {'no longer there' if old else 'there now'}")
        else:
            places = sum(place.startswith(f".{name}") for place in change.places)
            others.append(f"{name} in {places}")
    if others:
        lines.append(f"places that differ: {', '.join(others)}")
    if lines:
        yield ""
        yield change.case.name
        yield from (f"  {line}" for line in lines)


def counts(found: tuple[Change, ...], before: Answers, after: Answers) -> Iterator[str]:
    """Yield how many answers changed, and in which way."""
    both = [name for name in after if name in before]
    moved = changed(standing(before), standing(after))
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    yield f"{len(found)} of {len(both)} answers changed."
    yield _count("First site or placement", moved)
    yield _count(
        "The level that stands first", [name for name in moved if _level(before, name) != _level(after, name)]
    )
    yield _count("Red flags", [item.case.name for item in found if "red_flags" in item.fields()])
    yield _count("Headline", [item.case.name for item in found if "headline" in item.fields()])
    likelier = sum(change.accepted[1] > change.accepted[0] for change in found)
    others = len(found) - likelier
    yield f"The documented answer became likelier in {likelier}, less likely or equal in {others}."
    losses = [_log_loss(answers, both) for answers in (before, after)]
    yield f"Mean log loss of the strict cases: {losses[0]:.4f} → {losses[1]:.4f}."
    fields = [set().union(*answers.values()) for answers in (before, after)]
    if fields[1] - fields[0]:
        yield f"New in the report: {', '.join(sorted(fields[1] - fields[0]))}."
    if fields[0] - fields[1]:
        yield f"No longer in the report: {', '.join(sorted(fields[0] - fields[1]))}."
    if gone:
        yield f"Frozen, but no case any more: {', '.join(gone)}."
    if new:
        yield f"Cases without a frozen answer: {', '.join(new)}."


def differs(before: Answers, after: Answers) -> bool:
    """Return whether anything must be frozen anew."""
    return set(before) != set(after) or bool(changes(before, after))


def section() -> tuple[str, str]:
    """Return the newest section of the changelog: the version in its heading, and its text."""
    parts = re.split(r"^## ", CHANGELOG.read_text(encoding="utf-8"), flags=re.MULTILINE)
    head, _, text = parts[1].partition("\n")
    return re.split(r"[ ,]", head)[0], text


def entry(version: Json) -> str:
    """Return the lines that tell users of these frozen answers in CHANGELOG.md."""
    names, base = version["changed_since"], version["base"]
    text = (
        f"- Clinical changes: knowledge {version['knowledge']['digest']}, engine {version['engine']} "
        f"(before: {base['knowledge']['digest']}, {base['engine']}). "
        f"First site or placement changed in {len(names)} of {len(base['standing'])} published cases"
        f"{': ' if names else ''}{', '.join(names)}."
    )
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def untold(version: Json, text: str) -> list[str]:
    """Return what the newest section of the changelog does not name: the knowledge, or a changed case."""
    wanted = [version["knowledge"]["digest"], *version["changed_since"]]
    return [name for name in wanted if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def main(arguments: list[str]) -> int:
    """Print the difference, or freeze and print the changelog's lines."""
    if arguments not in ([], [WORD]):
        print(f"golden takes no word but {WORD}; found: {' '.join(arguments)}.", file=sys.stderr)
        return 2
    before, after = frozen(), fresh()
    for line in told(before, after):
        print(line)
    if not arguments:
        return int(differs(before, after))
    version = freeze(after, section()[0])
    print(f"\n{len(after)} answers frozen. CHANGELOG.md, newest section, must hold:\n\n{entry(version)}")
    return 0


def _first(answer: Json) -> str:
    return _short(answer["ranked"][0]["site"]) + ("" if answer["leading"] else " (not named)")


def _level(answers: Answers, name: str) -> str:
    return SITES[answers[name]["ranked"][0]["site"]].group


def _short(site: str) -> str:
    return SITES[site].short


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _count(what: str, names: list[str]) -> str:
    return f"{what} changed in {len(names)}" + (f": {', '.join(names)}." if names else ".")


def _log_loss(answers: Answers, names: list[str]) -> float:
    losses = [
        -math.log(sum(answers[case.name]["posterior"][site] for site in case.accepted))
        for case in published()
        if case.strict and case.name in names
    ]
    return sum(losses) / len(losses) if losses else math.nan


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
