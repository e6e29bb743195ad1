"""Every line of a red flag, the tripwire or a notice can be fulfilled, and then does what it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from localization.catalogue import Finding, FindingError, Value, catalogue
from localization.findings import Findings
from localization.knowledge import read
from localization.redflags import Condition, Hold, holds, lines_hold, parse_line, red_flags, rules
from localization.sites import sites
from localization.tripwire import central_tripwire

Line = tuple[Condition, ...]


def red_flags_can_fire() -> Iterator[str]:
    """Yield lines of red flags that no findings fulfil or a hold always meets, or that need no findings."""
    for name, lines in rules().items():
        table = read("redflags")["red_flag"][name]
        for line, raw in zip(lines, table["any_of"], strict=True):
            if not any(_fired(name, example) == table["urgency"] for example in _examples(line)):
                yield f"redflags.{name}: “{raw}” cannot fire: no findings fulfil it, or it is always held"
    if red_flags(Findings.build()):
        yield "redflags: a rule fires on an empty examination; every line needs a recorded value"


def holds_can_be_met() -> Iterator[str]:
    """Yield holds that no findings meet together with a line of their rule: they hold nothing."""
    for name, rows in holds().items():
        for number, hold in enumerate(rows):
            if not any(_is_held(name, line, hold) for line in rules()[name]):
                raw = read("redflags")["red_flag"][name]["unless"][number]["when"]
                yield (
                    f"redflags.{name}.unless[{number}]: “{raw}” holds nothing: no findings meet it together "
                    "with a line of its rule, or a hold before it decides"
                )


def _is_held(name: str, line: Line, hold: Hold) -> bool:
    """Return whether this hold can lower a line that fires without it."""
    own = read("redflags")["red_flag"][name]["urgency"]
    return any(_fired(name, example) == own for example in _examples(line)) and any(
        _first_met(name, example) is hold and _fired(name, example) == hold.instead
        for example in _examples((*line, *hold.when))
    )


def _first_met(name: str, example: Findings) -> Hold | None:
    return next((hold for hold in holds()[name] if lines_hold((hold.when,), example)), None)


def _fired(name: str, example: Findings) -> str:
    """Return the urgency at which a rule fires on these findings, empty where it does not."""
    return next((flag.urgency for flag in red_flags(example) if flag.id == name), "")


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
    """Return the first findings that fulfil a line; None when none can."""
    return next(_examples(line), None)


def _examples(line: Line) -> Iterator[Findings]:
    """Yield all findings of this line that fulfil it, on the left leg where they are of one leg."""
    names = tuple(dict.fromkeys(condition.finding for condition in line))
    fitting = []
    for name in names:
        finding = catalogue()[name]
        conditions = [condition for condition in line if condition.finding == name]
        fitting.append(
            [value for value in _values(finding, conditions) if _all_hold(conditions, finding, value)]
        )
    for chosen in product(*fitting):
        values: dict[str, Value] = dict(zip(names, chosen, strict=True))
        yield Findings.build(
            unsided={name: value for name, value in values.items() if not catalogue()[name].sided},
            left={name: value for name, value in values.items() if catalogue()[name].sided},
        )


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
