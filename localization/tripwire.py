"""The central tripwire: recorded signs that brain or spinal cord can cause, whichever level fits best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from localization.findings import Findings
from localization.knowledge import read
from localization.redflags import Cited, Condition, cited_by, parse_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripwire:
    """The caution that a lesion of brain or cord is to be considered: the signs and one finished text."""

    label: str
    cited: tuple[Cited, ...]
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sign or combination of signs that raises the caution, with what else it can come from."""

    when: tuple[Condition, ...]
    note: str


@cache
def lines() -> tuple[Line, ...]:
    """Return every line of the tripwire, parsed; any one of them raises it.

    Raises ValueError or FindingError for a line that cannot be read.
    """
    return tuple(
        Line(when=parse_line(row["when"]), note=row["note"]) for row in read("redflags")["tripwire"]["line"]
    )


def central_tripwire(findings: Findings) -> Tripwire | None:
    """Return the caution these findings raise, None when no line is fulfilled. Does not need the engine."""
    met = [(line, cited_by(line.when, findings)) for line in lines()]
    cited = tuple(dict.fromkeys(item for _, found in met for item in found))
    if not cited:
        return None
    table = read("redflags")["tripwire"]
    notes = dict.fromkeys(line.note for line, found in met if found and line.note)
    words = read("wording")["answer"]["join"].join(item.text for item in cited)
    return Tripwire(
        label=table["label"],
        cited=cited,
        text=" ".join((table["text"].format(findings=words), *notes)),
        source=tuple(table["source"]),
    )
