"""Red flags, tripwire and notices can be read: every line names findings and values that exist."""

from __future__ import annotations

from collections.abc import Iterator

from localization.catalogue import FindingError
from localization.knowledge import read
from localization.redflags import holds, parse_line, rules
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
        holds()
        lines()
        for notice in read("wording")["notice"]:
            for line in (*notice["any_of"], *notice["unless_any"]):
                parse_line(line)
    except (FindingError, ValueError) as error:
        yield f"redflags, tripwire or notices: {error}"


def holds_lower_their_rule() -> Iterator[str]:
    """Yield holds of a red flag after which it would speak at an unknown urgency, or no less urgently."""
    order = list(urgencies())
    for name, rows in holds().items():
        own = order.index(read("redflags")["red_flag"][name]["urgency"])
        for number, hold in enumerate(rows):
            lower = order[own + 1 :]
            if hold.instead and hold.instead not in lower:
                yield (
                    f"redflags.{name}.unless[{number}]: instead “{hold.instead}” is not less urgent than the "
                    f"rule. Allowed: {', '.join(lower)}, or nothing, for a rule that does not fire"
                )
