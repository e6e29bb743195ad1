"""The virtual patient: a hidden state drawn from the model, and every finding that weighs drawn from it.

A drawn patient is one of those in whom the engine's answer holds exactly. The model calls the leg with the
weaker dorsiflexion the index leg; where a draw makes the other leg the weaker one, the whole patient is drawn
again, the site too unless it was asked for. So P(site | findings) of the patients that remain is the engine's
posterior, while sites that often affect both legs come up a little less often than their prior says.
Equally weak legs with neither side named: the index leg is LEFT by the rule, so LEFT is drawn.
Left out is what no table predicts: measured forces, times and ranges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from localization.casetext import case_table, case_text
from localization.catalogue import Value, catalogue
from localization.findings import NAMED, OTHER_SIDE, Findings, Leg, Side
from localization.knowledge import read
from localization.likelihood import Likelihood, likelihood, weighs
from localization.posterior import posterior
from localization.sites import sites
from localization.states import OTHER_LEG, Array, states
from localization.surface import trust_in_timing
from localization.tables import choice_values

Seed: TypeAlias = int | Sequence[int]
STUDY_DAY = "days_onset_to_edx"
LABORATORY = "laboratory"
SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The hidden state of a drawn patient, in the knowledge's words; `weak_side` is that of the index leg."""

    site: str
    pattern: str
    detail: str
    supply: str
    severity: str
    other_leg: str
    neuropathy: bool
    feeling: bool
    pain: bool
    hip: bool
    atypical: bool
    weak_side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient who never lived: the truth, and all findings of a complete examination of both legs."""

    name: str
    truth: Truth
    findings: Findings

    def as_case(self) -> str:
        """Return the patient as a case file with the truth in it."""
        truth = self.truth
        hidden = "; ".join(f"{name} {_word(value)}" for name, value in asdict(truth).items() if value != "")
        head = {
            "id": self.name,
            "source": "drawn from the model; not a real patient",
            "site": truth.site,
            "division": truth.detail,
            "confidence": "strict",
            "note": f"Hidden state: {hidden}.",
        }
        return case_text(self.findings, {name: text for name, text in head.items() if text})

    def to_json(self) -> dict[str, Any]:
        """Return the patient as one object: id, site, truth, findings as in a case file."""
        return {
            "id": self.name,
            "site": self.truth.site,
            "truth": asdict(self.truth),
            "findings": case_table(self.findings),
        }

    def at_the_bedside(self) -> Patient:
        """Return the same patient without the laboratory's results."""
        bedside = [name for name, finding in catalogue().findings.items() if finding.position != LABORATORY]
        return replace(self, findings=self.only(bedside))

    def only(self, names: Sequence[str]) -> Findings:
        """Return what an examiner who asked only for these findings has recorded, on both legs."""
        kept = frozenset(names)
        unsided, left, right = (
            {name: value for name, value in part.items() if name in kept}
            for part in (self.findings.unsided, self.findings.left, self.findings.right)
        )
        return Findings.build(unsided=unsided, left=left, right=right)


def draw(site: str | None, seed: Seed, *, setting: str, weak_side: Side | None = None) -> Patient:
    """Return a patient with a lesion of `site`, or of a site drawn for this setting; one seed, one patient.

    `weak_side` asks for the side of the index leg; else both sides are alike. Raises ValueError for an
    unknown site or setting.
    """
    if site is not None and site not in sites():
        message = f"“{site}” is not a lesion site. Allowed: {', '.join(sites())}."
        raise ValueError(message)
    chances = posterior(Findings.build(), setting)
    dice = _Dice(seed)
    while True:
        of_site = site or list(chances)[dice.pick(np.array(list(chances.values())))]
        patient = _attempt(dice, of_site, _name(of_site, seed), weak_side)
        if patient is not None:
            return patient


def patients(count: int, seed: int, *, setting: str) -> Iterator[Patient]:
    """Yield patients as a clinic of this setting sees them; each has the seed (seed, number)."""
    for number in range(count):
        yield draw(None, (seed, number), setting=setting)


class _Dice:
    """A seeded source of chance that gives the same numbers on every platform."""

    def __init__(self, seed: Seed) -> None:
        self._random = np.random.Generator(np.random.PCG64(seed))

    def number(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return float(self._random.random())

    def pick(self, chances: Array) -> int:
        """Return a place, each as likely as its chance; they need not sum to 1."""
        edges = np.cumsum(chances)
        place = int(np.searchsorted(edges, self.number() * edges[-1], side="right"))
        return min(place, int(np.flatnonzero(chances)[-1]))


def _attempt(dice: _Dice, site: str, name: str, weak_side: Side | None) -> Patient | None:
    """Return a drawn patient, None where the index leg did not turn out the weaker one."""
    state = _state(dice, site)
    atypical = dice.pick(_no_yes(read("instrument")["atypical"]["probability"])) == 1
    unsided, index, contra = _exam(dice, state, atypical=atypical)
    side = SIDES[dice.pick(np.ones(2))]
    for one in (weak_side,) if weak_side else (side, OTHER_SIDE[side]):
        if unsided.get(NAMED) in SIDES:
            unsided[NAMED] = one
        legs = {one: index, OTHER_SIDE[one]: contra}
        findings = Findings.build(unsided=unsided, left=legs["left"], right=legs["right"])
        if findings.index == one:
            return Patient(name=name, truth=_truth(state, one, atypical=atypical), findings=findings)
    return None


def _state(dice: _Dice, site: str) -> tuple[int, ...]:
    """Return the place of a hidden state on all axes, drawn from P(state | site, foot drop)."""
    rows = [place for place, lesion in enumerate(states().lesions) if lesion.pattern.site == site]
    chances = states().prior[rows]
    found = np.unravel_index(dice.pick(chances.ravel()), chances.shape)
    return (rows[int(found[0])], *(int(place) for place in found[1:]))


def _exam(
    dice: _Dice, state: tuple[int, ...], *, atypical: bool
) -> tuple[dict[str, Value], dict[str, Value], dict[str, Value]]:
    """Return every finding that weighs: recorded once, of the index leg, of the other leg."""
    study = read("simulation")["study"]
    day = float(study["day"][dice.pick(np.array(study["share"]))])
    once: dict[str, Value] = {STUDY_DAY: day}
    legs: dict[Leg | None, dict[str, Value]] = {None: once, "index": {}, "contra": {}}
    timed = Findings.build(unsided=once)
    for finding, leg, table in _tables():
        trust = trust_in_timing(timed, finding)
        kind = table.atypical if atypical else table.typical
        shown = trust == 1.0 or dice.number() < trust  # too early, a study shows anyone's result
        anyone = table.typical.reshape(-1, len(table.values)).mean(axis=0)
        chances = _at(kind, state) if shown else anyone
        value = table.values[dice.pick(chances)]
        legs[leg][finding] = float(_age(dice, value)) if finding == "age" else value
    return once, legs["index"], legs["contra"]


@cache
def _tables() -> tuple[tuple[str, Leg | None, Likelihood], ...]:
    """Return every finding that weighs with its table, for each leg on which it is recorded."""
    found: list[tuple[str, Leg | None, Likelihood]] = []
    for name, finding in catalogue().findings.items():
        legs: tuple[Leg | None, ...] = ("index", "contra") if finding.sided else (None,)
        found += [(name, leg, likelihood(name, leg)) for leg in legs if weighs(name)]
    return tuple(found)


def _at(table: Array, state: tuple[int, ...]) -> Array:
    """Return the row of a hidden state; a table has length 1 where a part of the state does not matter."""
    matters = zip(state, table.shape[:-1], strict=True)
    row: Array = table[tuple(place if size > 1 else 0 for place, size in matters)]
    return row


def _age(dice: _Dice, group: str) -> int:
    """Return years, even within an age group that is named by its lower end."""
    ends = [*(int(value) for value in choice_values("age")), int(read("simulation")["age"]["oldest"]) + 1]
    lower = int(group)
    upper = next(end for end in ends if end > lower)
    return lower + int(dice.number() * (upper - lower))


def _truth(state: tuple[int, ...], weak_side: Side, *, atypical: bool) -> Truth:
    lesion = states().lesions[state[0]]
    other, neuropathy, feeling, pain, hip = state[1:]
    return Truth(
        site=lesion.pattern.site,
        pattern=lesion.pattern.key,
        detail=lesion.pattern.detail,
        supply=lesion.supply,
        severity=lesion.severity,
        other_leg=OTHER_LEG[other],
        neuropathy=bool(neuropathy),
        feeling=bool(feeling),
        pain=bool(pain),
        hip=bool(hip),
        atypical=atypical,
        weak_side=weak_side,
    )


def _name(site: str, seed: Seed) -> str:
    numbers = (seed,) if isinstance(seed, int) else seed
    return "-".join(["simulated", site, *map(str, numbers)])


def _no_yes(chance: float) -> Array:
    return np.array([1.0 - chance, chance])


def _word(value: str | bool) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
