"""Every line of a red flag, the tripwire or a notice can be fulfilled, and then does what it is there for."""

from __future__ import annotations

from collections.abc import Iterator

from localization.catalogue import Finding, FindingError, Value, catalogue
from localization.findings import Findings
from localization.knowledge import read
from localization.redflags import Condition, lines_hold, parse_line, red_flags, rules
from localization.sites import sites
from localization.tripwire import central_tripwire

Line = tuple[Condition, ...]


def red_flags_can_fire() -> Iterator[str]:
    """Yield lines of red flags that no findings fulfil, or that fire although nothing was recorded."""
    for name, lines in rules().items():
        for line, raw in zip(lines, read("redflags")["red_flag"][name]["any_of"], strict=True):
            example = _example(line)
            fired = red_flags(example) if example else ()
            if name not in {flag.id for flag in fired}:
                yield f"redflags.{name}: “{raw}” cannot fire: no findings fulfil it"
    if red_flags(Findings.build()):
        yield "redflags: a rule fires on an empty examination; every line needs a recorded value"


def tripwire_can_fire() -> Iterator[str]:
    """Yield lines of the central tripwire that no findings fulfil."""
    for row in read("redflags")["tripwire"]["line"]:
        try:
            example = _example(parse_line(row["when"]))
        except (FindingError, ValueError) as error:
            yield f"redflags.tripwire: {error}"
            continue
        if example is None or central_tripwire(example) is None:
            yield f"redflags.tripwire: “{row['when']}” cannot fire: no findings fulfil it"


def notices_can_show() -> Iterator[str]:
    """Yield notices that no findings bring up, that every site silences, or that name an unknown site."""
    for notice in read("wording")["notice"]:
        place, silenced = f"wording.notice.{notice['id']}", set(notice["unless_leading"])
        if unknown := silenced - set(sites()):
            yield f"{place}: unknown site {', '.join(sorted(unknown))}. Allowed: {', '.join(sites())}"
        if silenced >= set(sites()):
            yield f"{place}: it is silenced at every site, so it can never show"
        for raw in notice["any_of"]:
            line = parse_line(raw)
            example = _example(line)
            if example is None or not lines_hold((line,), example):
                yield f"{place}: “{raw}” cannot hold: no findings fulfil it"


def _example(line: Line) -> Findings | None:
    """Return findings that fulfil a line, on the left leg where they are of one leg; None when none can."""
    once: dict[str, Value] = {}
    leg: dict[str, Value] = {}
    for name in dict.fromkeys(condition.finding for condition in line):
        finding = catalogue()[name]
        conditions = [condition for condition in line if condition.finding == name]
        fitting = [value for value in _values(finding, conditions) if _all_hold(conditions, finding, value)]
        if not fitting:
            return None
        (leg if finding.sided else once)[name] = fitting[0]
    return Findings.build(unsided=once, left=leg)


def _values(finding: Finding, conditions: list[Condition]) -> tuple[Value, ...]:
    """Return the values to try: those of the scale, of a number its limits and those of the conditions."""
    scale = finding.scale
    if scale.kind == "choice":
        return scale.tokens
    low, high = scale.minimum or 0.0, scale.maximum or 0.0
    named = [limit for condition in conditions for limit in (condition.at_most, condition.at_least)]
    tried = (low, *(limit for limit in named if limit is not None), high)
    return tuple(number for number in tried if low <= number <= high)


def _all_hold(conditions: list[Condition], finding: Finding, value: Value) -> bool:
    return all(condition.holds(finding, value) for condition in conditions)
