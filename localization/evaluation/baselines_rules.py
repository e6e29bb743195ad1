"""Methods that are a list of rules: the first rule that the recorded findings fulfil names the sites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from localization.catalogue import FindingError, Value, catalogue
from localization.evaluation.baselines_prior import Chances, named, prior_of
from localization.findings import Findings, Leg
from localization.knowledge import read
from localization.redflags import recorded

METHODS = ("garden_hose", "textbook_tree")
STATES = ("abnormal", "normal")
LEGS: Mapping[str, tuple[Leg | None, ...]] = MappingProxyType(
    {"": (None, "index"), "other": ("contra",), "either": (None, "index", "contra")}
)
PART = re.compile(r"(?:(other|either) )?(\w+) is (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a rule's line: a finding on some leg, and the values or the state that fulfil it."""

    finding: str
    legs: tuple[Leg | None, ...]
    values: tuple[str, ...]

    def holds(self, findings: Findings) -> bool:
        """Return whether a recorded value fulfils it; a finding that was not tested never does."""
        found = recorded(findings, self.finding)
        return any(self._accepts(value) for leg, value in found if leg in self.legs)

    def _accepts(self, value: Value) -> bool:
        return str(value) in self.values or catalogue()[self.finding].state_of(value) in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: the sites it names when every condition of any one of its lines holds."""

    name: str
    lines: tuple[tuple[Condition, ...], ...]
    sites: tuple[str, ...]

    def holds(self, findings: Findings) -> bool:
        """Return whether any line is fulfilled."""
        return any(all(condition.holds(findings) for condition in line) for line in self.lines)


def parse_condition(part: str) -> Condition:
    """Return the condition of a text like "other ankle_reflex is absent | reduced".

    Raises ValueError for another form, FindingError for an unknown finding or value.
    """
    read_as = PART.fullmatch(part.strip())
    if read_as is None:
        message = f"“{part}” is not “finding is value”, with “other” or “either” before it where it is meant."
        raise ValueError(message)
    leg, name, values = read_as.groups()
    finding = catalogue()[name]
    if leg and not finding.sided:
        raise FindingError(name, f"{name} is recorded once: “{leg}” cannot stand before it.")
    tokens = [token.strip() for token in values.split("|")]
    chosen = tuple(token if token in STATES else str(finding.check(token)) for token in tokens)
    return Condition(finding=name, legs=LEGS[leg or ""], values=chosen)


@cache
def rules_of(method: str) -> tuple[Rule, ...]:
    """Return the rules of a method of baselines.toml in their order; raises as `parse_condition`."""
    return tuple(
        Rule(
            name=row["name"],
            lines=tuple(
                tuple(parse_condition(part) for part in line.split(" and ")) for line in row["any_of"]
            ),
            sites=tuple(row["sites"]),
        )
        for row in read("baselines")[method]["rule"]
    )


def first_rule(method: str, findings: Findings) -> Rule | None:
    """Return the first rule of a method that holds, None when none does."""
    return next((rule for rule in rules_of(method) if rule.holds(findings)), None)


def garden_hose(findings: Findings, setting: str) -> Chances:
    """Return the answer of hip abduction alone; the prior where it was not tested."""
    return _by_rules("garden_hose", findings, setting)


def textbook_tree(findings: Findings, setting: str) -> Chances:
    """Return the answer of the bedside questions, one after the other; the prior where none applies."""
    return _by_rules("textbook_tree", findings, setting)


def _by_rules(method: str, findings: Findings, setting: str) -> Chances:
    rule = first_rule(method, findings)
    if rule is None:
        return prior_of(setting)
    return named(rule.sites, read("baselines")[method]["confidence"], setting)
