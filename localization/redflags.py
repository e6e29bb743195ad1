"""Red flags: rules on the examiner's own findings, beside the engine and independent of its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from localization.catalogue import Finding, Value, catalogue
from localization.findings import Findings, Leg, Side
from localization.knowledge import read
from localization.sites import in_sentence, urgencies

KNOWN_BEFORE = ("age", "sex", "side")
NAMED_SIDE = "side"
ANYWHERE: tuple[Leg | None, ...] = (None, "index", "contra")
# A hold quiets a rule for the weak leg: what stands on the other leg is no reason to.
WEAKER: tuple[Leg | None, ...] = (None, "index")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One finding of this patient as a text quotes it: leg seen from the weaker foot, side in words."""

    finding: str
    leg: Leg | None
    side: Side | None
    value: Value
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """One rule that fired: what was recorded, what it can mean and how urgent sources call it."""

    id: str
    label: str
    urgency: str
    urgency_label: str
    banner: str
    can_mean: str
    say: str
    ask_also: tuple[str, ...]
    cited: tuple[Cited, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a rule's line: a finding, and the values or the limit that fulfil it."""

    finding: str
    values: tuple[str, ...] = ()
    at_most: float | None = None
    at_least: float | None = None

    def holds(self, finding: Finding, value: Value) -> bool:
        """Return whether this value fulfils the condition."""
        if self.at_least is not None:
            return float(value) >= self.at_least
        if self.at_most is None:
            return value in self.values
        if finding.scale.kind == "number":
            return float(value) <= self.at_most
        graded = finding.scale.value(str(value))
        if graded.rank is None:  # weak without a grade may be this weak: the rule would rather speak
            return graded.state == "abnormal"
        return graded.rank <= self.at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Recorded findings under which a rule speaks less urgently, or not at all where `instead` is empty."""

    when: tuple[Condition, ...]
    instead: str


def parse_line(line: str) -> tuple[Condition, ...]:
    """Return the conditions of a line like "side = left | right and onset = days"; raises ValueError.

    A part may also be "finding <= grade or number" or, for a number, "finding >= number".
    """
    return tuple(_parse_part(part) for part in line.split(" and "))


def _parse_part(part: str) -> Condition:
    for sign in ("<=", ">=", "="):
        name, found, values = part.partition(sign)
        if not found:
            continue
        finding = catalogue()[name.strip()]
        if sign == "<=":
            return Condition(finding=finding.id, at_most=float(values))
        if sign == ">=":
            if finding.scale.kind != "number":
                break
            return Condition(finding=finding.id, at_least=float(values))
        tokens = tuple(str(finding.check(token.strip())) for token in values.split("|"))
        return Condition(finding=finding.id, values=tokens)
    message = f"“{part}” is none of “finding = value”, “finding <= grade” and “finding >= number”."
    raise ValueError(message)


@cache
def rules() -> Mapping[str, tuple[tuple[Condition, ...], ...]]:
    """Return every rule's lines, parsed; a rule fires when all conditions of any one line hold."""
    return {
        name: tuple(parse_line(line) for line in table["any_of"])
        for name, table in read("redflags")["red_flag"].items()
    }


@cache
def holds() -> Mapping[str, tuple[Hold, ...]]:
    """Return every rule's holds, parsed, in the order in which they decide.

    A hold needs recorded findings, so what was not asked never quiets a rule.
    """
    return {
        name: tuple(
            Hold(when=parse_line(row["when"]), instead=row["instead"]) for row in table.get("unless", ())
        )
        for name, table in read("redflags")["red_flag"].items()
    }


def red_flags(findings: Findings) -> tuple[RedFlag, ...]:
    """Return the rules that fire on these findings, most urgent first. Does not need the engine."""
    fired = []
    for name, lines in rules().items():
        cited = tuple(dict.fromkeys(cited for line in lines for cited in cited_by(line, findings)))
        if not cited:
            continue
        urgency, because = _urgency(name, findings)
        if urgency:
            fired.append(_red_flag(name, urgency, tuple(dict.fromkeys((*cited, *because)))))
    order = list(urgencies())
    return tuple(sorted(fired, key=lambda flag: order.index(flag.urgency)))


def _urgency(name: str, findings: Findings) -> tuple[str, tuple[Cited, ...]]:
    """Return how urgent a fired rule is, and what lowered it; empty where the first hold met silences it."""
    for hold in holds()[name]:
        because = cited_by(hold.when, findings, WEAKER)
        if because:
            return hold.instead, because
    return read("redflags")["red_flag"][name]["urgency"], ()


def lines_hold(lines: tuple[tuple[Condition, ...], ...], findings: Findings) -> bool:
    """Return whether any line is fulfilled."""
    return any(cited_by(line, findings) for line in lines)


@cache
def red_flag_questions() -> tuple[str, ...]:
    """Return the interview questions that any rule reads, in catalogue order; age, sex and side are known."""
    asked = {condition.finding for lines in rules().values() for line in lines for condition in line}
    return tuple(
        finding.id
        for finding in catalogue().findings.values()
        if finding.id in asked and finding.position == "interview" and finding.id not in KNOWN_BEFORE
    )


@cache
def red_flag_findings() -> tuple[str, ...]:
    """Return every question and sign that any rule reads, in catalogue order; age, sex and side are known."""
    read_by = {condition.finding for lines in rules().values() for line in lines for condition in line}
    return tuple(name for name in catalogue().findings if name in read_by and name not in KNOWN_BEFORE)


def cite(findings: Findings, name: str, leg: Leg | None, value: Value) -> Cited:
    """Return a finding as texts quote it, the side in words."""
    finding = catalogue()[name]
    wording = read("wording")["cited"]
    label = finding.value_label(value)
    form = wording["answer" if finding.group == "history" or finding.scale.id == "yes_no" else "plain"]
    words = form.format(finding=finding.label, value=in_sentence(label))
    if name == NAMED_SIDE:  # what weighs is whether one leg is affected or both, not which
        words = wording["both_legs" if value == "bilateral" else "one_leg"].format(
            finding=finding.label, value=in_sentence(label)
        )
    side = None
    if leg is not None:
        side = findings.side_of(leg)
        words = wording["sided"].format(words=words, side=side_words(findings, leg))
    return Cited(finding=name, leg=leg, side=side, value=value, text=words)


def side_words(findings: Findings, leg: Leg) -> str:
    """Return the side of a leg in words; a source that names no side gives affected and other side."""
    wording = read("wording")["side_words"]
    return str(wording[findings.side_of(leg) if findings.sides_known else leg])


def recorded(findings: Findings, name: str) -> Iterator[tuple[Leg | None, Value]]:
    """Yield every value recorded for a finding: the index leg first, then the other."""
    if name in findings.unsided:
        yield None, findings.unsided[name]
    legs: tuple[tuple[Leg, Mapping[str, Value]], ...] = (
        ("index", findings.index_values),
        ("contra", findings.contra_values),
    )
    for leg, values in legs:
        if name in values:
            yield leg, values[name]


def cited_by(
    line: tuple[Condition, ...], findings: Findings, legs: tuple[Leg | None, ...] = ANYWHERE
) -> tuple[Cited, ...]:
    """Return what fulfils every condition of the line on these legs, or nothing; None is no leg."""
    cited: list[Cited] = []
    for condition in line:
        finding = catalogue()[condition.finding]
        met = [
            cite(findings, condition.finding, leg, value)
            for leg, value in recorded(findings, condition.finding)
            if leg in legs and condition.holds(finding, value)
        ]
        if not met:
            return ()
        cited.extend(met)
    return tuple(cited)


def _red_flag(name: str, urgency: str, cited: tuple[Cited, ...]) -> RedFlag:
    table: dict[str, Any] = read("redflags")["red_flag"][name]
    words = "; ".join(item.text for item in cited)
    return RedFlag(
        id=name,
        label=table["label"],
        urgency=urgency,
        urgency_label=urgencies()[urgency].label,
        banner=table["banner"].format(findings=words, note=words),
        can_mean=table["can_mean"],
        say=table["say"],
        ask_also=tuple(table["ask_also"]),
        cited=cited,
        source=tuple(table["source"]),
    )
