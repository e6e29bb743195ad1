"""The answer: where the lesion most likely lies, with every reason, as one immutable object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from localization.catalogue import Value
from localization.findings import Leg, Side
from localization.knowledge import KnowledgeVersion
from localization.redflags import Cited, RedFlag
from localization.sites import Band
from localization.tripwire import Tripwire

Placement = Literal["placed", "group", "undecided", "too_few", "contradiction", "scope", "no_foot_drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """The site that leads, its likeliest detail (empty when none is named) and its level group."""

    site: str
    detail: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One finding's weight for `site` against `against`, in nats of odds; `favours` tells the direction.

    `rule` names the entry of the knowledge that predicts the finding; `source` its citations.
    """

    finding: str
    leg: Leg | None
    side: Side | None
    value: Value
    site: str
    against: str
    weight: float
    rule: str
    source: tuple[str, ...]
    text: str
    favours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedSite:
    """One site of the ranking with its band and what speaks for and against it."""

    site: str
    detail: str
    label: str
    where: str
    band: Band
    for_: tuple[Reason, ...]
    against: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLevel:
    """One level group of the ranking with its band: the level comes first, the site second."""

    group: str
    label: str
    where: str
    band: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A finding that was not tested and bears on the level, as a sentence names it."""

    finding: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTest:
    """A test that is expected to tell the remaining sites apart. Gain in bits, time in minutes."""

    finding: str
    gain_bits: float
    minutes: float
    position: str
    position_label: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLesion:
    """Two sites that explain together what no single site does, as one finished sentence.

    `cited` holds what the second site adds. `sides` names the leg of each site where each has one of its own,
    else None for both. `ratio` is P(findings | both sites) to P(findings | the best single site).
    """

    sites: tuple[str, str]
    sides: tuple[Side | None, Side | None]
    cited: tuple[Cited, ...]
    ratio: float
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole answer to one set of findings; `posterior` is complete whatever the placing rules say.

    `tripwire` is the caution about brain or cord, a rule beside the posterior. `second_lesion` is named when
    two sites explain what no single one does; its sentence stands among the notices as well. `settled` tells
    that a level is named and no further bedside test is expected to change it; `stop_signal` says so, and is
    empty otherwise. `levels` are the level groups with a band, best first, none while no level may be
    named. `changes` are the sentences that name the untested and the recorded finding whose other value
    would bring another level to the front; `stable` how often the level survives a step in any one grade.
    """

    posterior: Mapping[str, float]
    groups: Mapping[str, float]
    placement: Placement
    leading: Leading | None
    headline: str
    notices: tuple[str, ...]
    levels: tuple[RankedLevel, ...]
    ranked: tuple[RankedSite, ...]
    possible: tuple[str, ...]
    not_apart: str
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    unexplained: tuple[Cited, ...]
    red_flags: tuple[RedFlag, ...]
    tripwire: Tripwire | None
    second_lesion: SecondLesion | None
    next_tests: tuple[NextTest, ...]
    settled: bool
    stop_signal: str
    changes: tuple[str, ...]
    stable: str
    engine: str
    knowledge: KnowledgeVersion

    @property
    def what_would_change(self) -> str:
        """The sentences of `changes` in one line; empty when nothing would."""
        return " ".join(self.changes)

    def to_json(self) -> dict[str, Any]:
        """Return the answer in the shape of `locate --json`."""
        return {
            "posterior": dict(self.posterior),
            "leading": self.leading
            and {
                "site": self.leading.site,
                "detail": self.leading.detail or None,
                "group": self.leading.group,
            },
            "possible": list(self.possible),
            "reasons": [_reason(reason) for reason in self.reasons],
            "missing": [item.finding for item in self.missing],
            "unexplained": list(dict.fromkeys(item.finding for item in self.unexplained)),
            "red_flags": [_red_flag(flag) for flag in self.red_flags],
            "next_tests": [_next_test(test) for test in self.next_tests],
            "engine": self.engine,
            "knowledge": {"version": self.knowledge.version, "digest": self.knowledge.digest},
            "headline": self.headline,
            "notices": list(self.notices),
            "groups": dict(self.groups),
            "tripwire": self.tripwire and _tripwire(self.tripwire),
            "second_lesion": self.second_lesion and _second_lesion(self.second_lesion),
            "settled": self.settled,
            "what_would_change": self.what_would_change,
            "stable": self.stable,
        }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "finding": reason.finding,
        "leg": reason.leg,
        "value": _plain(reason.value),
        "site": reason.site,
        "against": reason.against,
        "weight": reason.weight,
        "rule": reason.rule,
        "source": list(reason.source),
    }


def _plain(value: Value) -> str | int | float:
    """Return a whole number as such, so that 39 years are not printed as 39.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _red_flag(flag: RedFlag) -> dict[str, Any]:
    findings = list(dict.fromkeys(item.finding for item in flag.cited))
    return {"id": flag.id, "urgency": flag.urgency, "findings": findings, "source": list(flag.source)}


def _tripwire(tripwire: Tripwire) -> dict[str, Any]:
    return {
        "findings": [_cited(item) for item in tripwire.cited],
        "text": tripwire.text,
        "source": list(tripwire.source),
    }


def _second_lesion(pair: SecondLesion) -> dict[str, Any]:
    return {
        "sites": list(pair.sites),
        "sides": list(pair.sides),
        "findings": [_cited(item) for item in pair.cited],
        "text": pair.text,
        "source": list(pair.source),
    }


def _cited(item: Cited) -> dict[str, Any]:
    return {"finding": item.finding, "leg": item.leg, "value": _plain(item.value)}


def _next_test(test: NextTest) -> dict[str, Any]:
    return {
        "finding": test.finding,
        "gain_bits": test.gain_bits,
        "minutes": test.minutes,
        "position": test.position,
        "why": test.why,
    }
