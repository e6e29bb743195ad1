"""Findings, scales, sites and bands are complete and name only groups and positions that exist."""

from __future__ import annotations

from collections.abc import Iterator

from localization.anatomy import patterns
from localization.catalogue import catalogue
from localization.knowledge import read
from localization.selfcheck.shares import sums_to_one
from localization.sites import bands, groups, sites, urgencies

# The gait that weak hip abductors bring to any peripheral pattern, and the profile of patterns without one.
BY_HIP = "hip"
NO_UPPER = "none"
# What a trap may fake, other than values by name; and the longest question that is read at a glance.
FAKED = ("abnormal", "normal", "any")
SHORT = 75


def findings_are_whole() -> Iterator[str]:
    """Yield findings with an unknown group or position, or without time, steps, source or question."""
    known = catalogue()
    positions = {choice.id for choice in known.positions}
    for finding in known.findings.values():
        if finding.group not in {choice.id for choice in known.groups}:
            yield f"findings.{finding.id}: group “{finding.group}” is unknown"
        if not {finding.position, finding.position_alt or finding.position} <= positions:
            yield f"findings.{finding.id}: position is unknown"
        if finding.minutes <= 0 or not finding.how or not finding.source:
            yield f"findings.{finding.id}: minutes, steps and a source are needed"
        if finding.position == "interview" and finding.group == "history" and not finding.ask:
            yield f"findings.{finding.id}: a question to ask is needed"


def guards_can_be_asked() -> Iterator[str]:
    """Yield questions about technique without a trap behind them, not short, or that no value leads to."""
    for name, table in read("findings")["finding"].items():
        if "guard" not in table:
            continue
        place, guard = f"findings.{name}.guard", table["guard"]
        finding = catalogue()[name]
        if set(guard) != {"question", "falsifies"}:
            yield f"{place}: question and falsifies are needed, and nothing reads anything else"
            continue
        if not guard["question"].endswith("?") or len(guard["question"]) > SHORT:
            yield f"{place}: one question of at most {SHORT} characters is needed, with its question mark"
        if not finding.trap:
            yield f"{place}: the trap that it asks about is not described"
        fakes = guard["falsifies"]
        known = set(fakes) <= set(finding.scale.tokens) if isinstance(fakes, list) else fakes in FAKED
        if not known:
            allowed = ", ".join((*FAKED, *finding.scale.tokens))
            yield f"{place}: “{fakes}” cannot be faked. Allowed: {allowed}"
        elif not any(finding.guarded(value.token) for value in finding.scale.values if value.offered):
            yield f"{place}: no value that screens offer leads to it"


def scales_are_whole() -> Iterator[str]:
    """Yield scales without limits, or with values that do not differ."""
    for scale in catalogue().scales.values():
        if scale.kind == "number" and (scale.minimum is None or scale.maximum is None or not scale.unit):
            yield f"scales.{scale.id}: unit and both limits are needed"
        if (scale.kind == "choice" and len(set(scale.tokens)) != len(scale.values)) or not scale.kind:
            yield f"scales.{scale.id}: values must differ"


def sites_are_whole() -> Iterator[str]:
    """Yield sites without group, pattern or words for a detail, and bands out of order."""
    for site in sites().values():
        if site.group not in groups():
            yield f"sites.{site.id}: group “{site.group}” is unknown"
        own = [pattern for pattern in patterns() if pattern.site == site.id]
        if not own:
            yield f"sites.{site.id}: no pattern, so it can never be the answer"
        else:
            yield from sums_to_one(f"patterns of {site.id}", (pattern.weight for pattern in own))
        for pattern in own:
            if pattern.detail and pattern.detail not in site.details:
                yield f"patterns.{pattern.key}: detail “{pattern.detail}” has no words in sites.toml"
    least = [band.minimum for band in bands()]
    if least != sorted(least, reverse=True) or least[-1] != 0.0:
        yield "wording.band: minimums must fall from band to band and end at 0"


def pairs_are_sites() -> Iterator[str]:
    """Yield requests to the nerve laboratory whose key is no pair of sites in the vocabulary's order."""
    order = list(sites())
    for pair in read("edx")["edx"]:
        first, _, second = pair.partition("__")
        if not {first, second} <= set(order) or order.index(first) >= order.index(second):
            yield f"edx.{pair}: two sites in the order of sites.toml, joined by “__”, are needed"


def names_are_used() -> Iterator[str]:
    """Yield gait and upper-motor-neuron profiles, scales and urgencies that nothing uses."""
    used = {
        "instrument.gait": (
            {pattern.table["gait"] for pattern in patterns()} | {BY_HIP},
            read("instrument")["gait"],
        ),
        "instrument.upper": (
            {pattern.table.get("upper", NO_UPPER) for pattern in patterns()} | {NO_UPPER},
            read("instrument")["upper"],
        ),
        "scales": ({finding.scale.id for finding in catalogue().findings.values()}, catalogue().scales),
        "redflags.urgency": (
            {table["urgency"] for table in read("redflags")["red_flag"].values()},
            urgencies(),
        ),
    }
    for place, (wanted, there) in used.items():
        yield from (f"{place}.{name}: nothing uses it" for name in there if name not in wanted)
