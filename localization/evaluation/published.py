"""The published operating rows as data: what was counted, where, in how many, and which rows are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from localization.catalogue import catalogue
from localization.knowledge import read
from localization.likelihood import likelihood, rule_of, weighs, weights_of
from localization.sites import sites, sources

FILE = "operating.toml"
EVERY = "all"
MEAN = "mean"
PAIR = 2
Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One published count: in `k` of `n` patients with a lesion at one of `sites`, something was found.

    `found` lists the answers by finding. `hits` says how many of these findings must show one of theirs:
    the allowed numbers, or none where the count is the mean over the findings. `weaker` names two
    movements instead, the first with the lower grade. `given` is what all `n` patients had.
    """

    id: str
    label: str
    sites: tuple[str, ...]
    found: Answers
    hits: tuple[int, ...]
    weaker: tuple[str, ...]
    given: Answers
    k: int
    n: int
    counted: str
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One published row that is not compared, with the kind of reason and the reason in words."""

    id: str
    label: str
    reason: str
    why: str
    source: str


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows that are compared, in the order of the file; `faults` must be empty."""
    return tuple(_row(table) for table in read("operating")["row"])


@cache
def left_out() -> tuple[LeftOut, ...]:
    """Return the rows that are left out, in the order of the file."""
    return tuple(LeftOut(**_text(table)) for table in read("operating")["left_out"])


@cache
def reasons() -> Mapping[str, str]:
    """Return the kinds of reason for leaving a row out, in words."""
    return {name: str(table["label"]) for name, table in read("operating")["reason"].items()}


def _row(table: Mapping[str, Any]) -> Row:
    found = _answers(table.get("found", {}))
    return Row(
        id=table["id"],
        label=table["label"],
        sites=tuple(table["sites"]),
        found=found,
        hits=_hits(table.get("hits", EVERY), len(found)),
        weaker=tuple(table.get("weaker", ())),
        given=_answers(table.get("given", {})),
        k=table["k"],
        n=table["n"],
        counted=table["counted"],
        source=table["source"],
        note=table.get("note", ""),
    )


def _answers(table: Mapping[str, list[str]]) -> Answers:
    return {finding: tuple(values) for finding, values in table.items()}


def _hits(written: str | list[int], findings: int) -> tuple[int, ...]:
    """Return how many findings must show their answer; empty for a mean over the findings."""
    if written == MEAN:
        return ()
    return (findings,) if written == EVERY else tuple(int(number) for number in written)


def _text(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(table[name]) for name in ("id", "label", "reason", "why", "source")}


def faults() -> Iterator[str]:
    """Yield everything that is wrong with the published rows, each with the file and the row's id."""
    file = read("operating")
    every = [*file["row"], *file["left_out"]]
    for name, times in Counter(table.get("id", "") for table in every).items():
        if times > 1 or not name:
            yield f"{FILE}: the id “{name}” stands {times} times; every row needs one of its own"
    for kind, checks in (
        ("row", (_name_faults, _count_faults, _meaning_faults)),
        ("left_out", (_name_faults, _reason_faults)),
    ):
        for table in file[kind]:
            for check in checks:
                yield from (f"{FILE}, row {table.get('id', '')}: {fault}" for fault in check(table))


def _name_faults(table: Mapping[str, Any]) -> Iterator[str]:
    if table.get("source") not in sources():
        yield f"source “{table.get('source')}” is not in sources.toml"
    if not table.get("label"):
        yield "no label says what was counted"


def _reason_faults(table: Mapping[str, Any]) -> Iterator[str]:
    if table.get("reason") not in reasons():
        yield f"reason “{table.get('reason')}” is unknown. Allowed: {', '.join(reasons())}"
    if not table.get("why"):
        yield "left out without a reason in words"


def _count_faults(table: Mapping[str, Any]) -> Iterator[str]:
    hits, patients, least = table.get("k", -1), table.get("n", 0), read("operating")["rule"]["least_patients"]
    if not 0 <= hits <= patients:
        yield f"{hits} of {patients} is no count"
    if patients < least:
        yield f"n = {patients}: rows with fewer than {least} patients are left out"
    ways = read("operating")["counted"]
    if table.get("counted") not in ways:
        yield f"counted “{table.get('counted')}” is unknown. Allowed: {', '.join(ways)}"
    if table.get("basis") != "published":
        yield "basis must be “published”"


def _meaning_faults(table: Mapping[str, Any]) -> Iterator[str]:
    found, given = table.get("found", {}), table.get("given", {})
    weaker = table.get("weaker", [])
    unknown = [site for site in table.get("sites", ()) if site not in sites()]
    if unknown or not table.get("sites"):
        yield f"site “{', '.join(unknown)}” is unknown. Allowed: {', '.join(sites())}"
    if bool(found) == bool(weaker):
        yield "either found or weaker says what was counted, not both"
    if set(found).union(weaker) & set(given):
        yield "what is counted and what all patients had must be different findings"
    for finding, values in (*found.items(), *given.items()):
        yield from _answer_faults(finding, values)
    if weaker and (len(set(weaker)) != PAIR or {_scale(name) for name in weaker} != {"mrc"}):
        yield f"weaker needs two movements that are graded, not {', '.join(weaker)}"
    yield from _hits_faults(table.get("hits", EVERY), len(found))


def _answer_faults(finding: str, values: list[str]) -> Iterator[str]:
    if finding not in catalogue() or not weighs(finding):
        yield f"“{finding}” is not a finding that weighs"
        return
    entry = catalogue()[finding]
    allowed = entry.scale.tokens or likelihood(finding, None).values
    wrong = [value for value in values if value not in allowed]
    if wrong or not values or len(set(values)) != len(values):
        yield f"{finding}: “{', '.join(wrong)}” is not one of its values. Allowed: {', '.join(allowed)}"
        return
    shares: dict[str, float] = {}
    for value in values:
        for name, share in weights_of(finding, value).items():
            shares[name] = shares.get(name, 0.0) + share
    if max(shares.values()) > 1.0:
        yield f"{finding}: the answers {', '.join(values)} overlap"


def _hits_faults(written: object, findings: int) -> Iterator[str]:
    numbers = isinstance(written, list) and written and set(written) <= set(range(findings + 1))
    if written not in (EVERY, MEAN) and not numbers:
        yield f"hits must be “{EVERY}”, “{MEAN}” or numbers from 0 to {findings}, not {written}"


def _scale(finding: str) -> str:
    known = finding in catalogue() and rule_of(finding).startswith("action.")
    return catalogue()[finding].scale.id if known else ""
