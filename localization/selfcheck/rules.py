"""Red flags, tripwire and notices can be read: every line names findings and values that exist."""

from __future__ import annotations

from collections.abc import Iterator

from localization.catalogue import FindingError
from localization.knowledge import read
from localization.redflags import parse_line, rules
from localization.sites import urgencies
from localization.tripwire import lines


def rules_can_be_read() -> Iterator[str]:
    """Yield red flags of unknown urgency, and lines that cannot be read."""
    for name, table in read("redflags")["red_flag"].items():
        if table["urgency"] not in urgencies():
            yield f"redflags.{name}: urgency “{table['urgency']}” is unknown"
    tripwire = read("redflags")["tripwire"]
    if not tripwire["line"] or "{findings}" not in tripwire["text"]:
        yield "redflags.tripwire: a line and a text with {findings} are needed"
    try:
        rules()
        lines()
        for notice in read("wording")["notice"]:
            for line in (*notice["any_of"], *notice["unless_any"]):
                parse_line(line)
    except (FindingError, ValueError) as error:
        yield f"redflags, tripwire or notices: {error}"
