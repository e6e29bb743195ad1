"""The possible answers from brain to muscle, the bands of support, and the sources, as words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from localization.catalogue import Choice
from localization.knowledge import read


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One option that guidance or studies describe for a level; the clinician keeps or strikes it."""

    kind: str
    text: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One possible lesion site: its names, its level group and what sources describe for it."""

    id: str
    label: str
    short: str
    where: str
    plain: str
    group: str
    details: Mapping[str, str]
    typical_causes: tuple[str, ...]
    next_steps: tuple[NextStep, ...]
    urgency_note: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One level group: neighbouring sites that share the next step."""

    id: str
    label: str
    where: str
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One word for the degree of support; `minimum` is the lowest probability that earns it.

    `observed` says how often a site shown with this word was the documented answer in published patients;
    empty for the word that supports nothing.
    """

    id: str
    order: int
    label: str
    definition: str
    observed: str
    blocks: int
    minimum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One citation; `url` is where it was read, empty when it was not read on a public page."""

    id: str
    citation: str
    url: str


@cache
def sites() -> Mapping[str, Site]:
    """Return all sites in the order of the vocabulary, brain to none."""
    return MappingProxyType({name: _site(name, table) for name, table in read("sites")["site"].items()})


@cache
def groups() -> Mapping[str, Group]:
    """Return all level groups, from above to below, each with its sites."""
    return MappingProxyType(
        {
            name: Group(
                id=name,
                label=table["label"],
                where=table["where"],
                sites=tuple(site.id for site in sites().values() if site.group == name),
            )
            for name, table in read("sites")["group"].items()
        }
    )


@cache
def bands() -> tuple[Band, ...]:
    """Return the bands of support, strongest first."""
    found = (
        Band(
            id=name,
            order=table["order"],
            label=table["label"],
            definition=table["definition"],
            observed=_observed(name),
            blocks=table["blocks"],
            minimum=table["minimum"],
        )
        for name, table in read("wording")["band"].items()
    )
    return tuple(sorted(found, key=lambda band: band.order))


def _observed(band: str) -> str:
    """Return the sentence on a band's observed rate, or that too few patients were seen for one."""
    counts, words = read("observed")["band"].get(band), read("wording")["band_note"]
    if counts is None:
        return ""
    if counts["n"] < read("answer")["observed"]["least_shown"]:
        return str(words["no_figure"])
    return str(words["tied_to"].format(patients=counts["patients"], k=counts["k"], n=counts["n"]))


def band_of(probability: float) -> Band:
    """Return the strongest band whose minimum `probability` reaches."""
    return next(band for band in bands() if probability >= band.minimum)


def in_sentence(label: str) -> str:
    """Return a label as it reads inside a sentence: "Sciatic nerve" becomes small, "L5 nerve root" stays."""
    return label if label[1:2].isdigit() else label[:1].lower() + label[1:]


@cache
def phrases() -> Mapping[str, Any]:
    """Return the sentences of report and screens, with their braces unfilled."""
    return MappingProxyType(read("wording")["phrases"])


@cache
def all_sites_steps() -> tuple[NextStep, ...]:
    """Return the options that are described for every site alike."""
    return _steps(read("sites")["all_sites"]["next_steps"])


@cache
def urgencies() -> Mapping[str, Choice]:
    """Return the degrees of urgency of red flags, most urgent first."""
    return MappingProxyType(
        {
            name: Choice(id=name, label=table["label"], definition=table["definition"])
            for name, table in read("redflags")["urgency"].items()
        }
    )


@cache
def sources() -> Mapping[str, Source]:
    """Return every citation by its id."""
    return MappingProxyType(
        {
            name: Source(id=name, citation=table["citation"], url=table["url"])
            for name, table in read("sources")["source"].items()
        }
    )


def _steps(rows: list[dict[str, Any]]) -> tuple[NextStep, ...]:
    return tuple(NextStep(kind=row["kind"], text=row["text"], source=tuple(row["source"])) for row in rows)


def _site(name: str, table: Mapping[str, Any]) -> Site:
    return Site(
        id=name,
        label=table["label"],
        short=table["short"],
        where=table["where"],
        plain=table["plain"],
        group=table["group"],
        details=MappingProxyType(table.get("details", {})),
        typical_causes=tuple(table["typical_causes"]),
        next_steps=_steps(table["next_steps"]),
        urgency_note=table["urgency_note"],
        source=tuple(table["source"]),
    )
