"""The tables of single findings as nodes of a Bayesian network for pyAgrum, and an exam as its evidence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localization import CATALOGUE, Findings, Value
from localization.findings import Leg
from localization.knowledge import read
from localization.likelihood import force_factor, likelihood, weighs, weights_of

with warnings.catch_warnings():
    # Its bindings warn when they are loaded, and end the process where a warning is an error.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pyagrum

Array: TypeAlias = NDArray[np.float64]
Evidence: TypeAlias = dict[str, str | list[float]]

NO_YES = ("no", "yes")
ATYPICAL = "atypical"
INNER = ("other_leg", "neuropathy", "feeling", "pain", "hip")  # the axes of the tables after the lesion
FORCE = "hip_abduction_force_n"
FULL_FORCE = 100.0  # newtons of the sound leg; only the ratio of both legs counts


class Network:
    """A network with a lesion of one node or several; `places` holds the row of each lesion in the tables."""

    def __init__(self, lesion: tuple[str, ...], places: NDArray[np.intp]) -> None:
        self.bayes = pyagrum.BayesNet()
        self.lesion = lesion
        self.places = places

    def add(self, name: str, values: tuple[str, ...], parents: tuple[str, ...], chances: Any) -> None:
        """Add a node; the axes of `chances` are the parents in their order, then the values."""
        self.bayes.add(pyagrum.LabelizedVariable(name, name, list(values)))
        for parent in reversed(parents):  # here the last axis runs fastest, in the library the first
            self.bayes.addArc(parent, name)
        self.bayes.cpt(name).fillWith(np.ascontiguousarray(chances, dtype=np.float64))

    def add_finding(self, finding: str, leg: Leg | None) -> None:
        """Add what can be found, and for a nerve study what it shows when it is done too early."""
        table, name = likelihood(finding, leg), node_of(finding, leg)
        self._add_table(name, table.values, table.typical, table.atypical)
        timing = read("instrument")["timing"]
        if finding in timing["first_day"]:
            # With this weight the true result is read, and for the rest that of anyone, typical or not.
            trust, size = timing["early_weight"], len(table.values)
            anyone = table.typical.reshape(-1, size).mean(axis=0)
            shown = trust * np.eye(size) + (1.0 - trust) * anyone
            self.add(early(name), table.values, (name,), shown)

    def add_force(self, place: int) -> None:
        """Add "the deficit of hip force is of this class": the classes need not share one distribution."""
        weaker = {FORCE: FULL_FORCE * (1.0 - force_deficits()[place])}
        found = Findings.build(unsided={"side": "left"}, left=weaker, right={FORCE: FULL_FORCE})
        tables = force_factor(found)
        assert tables is not None
        self._add_table(force_node(place), NO_YES, *(no_yes(np.exp(table)) for table in tables))

    def _add_table(self, name: str, values: tuple[str, ...], typical: Array, atypical: Array) -> None:
        """Add a node below those hidden states along which the engine's tables are longer than one."""
        kinds = [typical] if np.array_equal(typical, atypical) else [typical, atypical]
        table = np.stack([self._by_lesion(kind) for kind in kinds])
        axes = (ATYPICAL, *self.lesion, *INNER)
        idle = tuple(place for place, size in enumerate(table.shape[:-1]) if size == 1)
        parents = tuple(axis for place, axis in enumerate(axes) if place not in idle)
        self.add(name, values, parents, table.squeeze(idle))

    def _by_lesion(self, table: Array) -> Array:
        """Return a table with an axis for each node of the lesion in place of its first axis."""
        if len(table) > 1:
            return table[self.places]
        return table.reshape(*[1] * len(self.lesion), *table.shape[1:])


class Query:
    """Exact inference in one network about one node, made ready once and asked often."""

    def __init__(self, network: Network, target: str, method: str = "LazyPropagation") -> None:
        self._target = target
        self.values: tuple[str, ...] = network.bayes.variable(target).labels()
        self._inference = getattr(pyagrum, method)(network.bayes)
        self._inference.setTargets({target})

    def __call__(self, evidence: Evidence) -> Array:
        """Return the probability of each value of the target."""
        self._inference.setEvidence(evidence)
        self._inference.makeInference()
        answer: Array = self._inference.posterior(self._target).toarray()
        return answer


def evidence_of(findings: Findings) -> Evidence:
    """Return an exam as evidence: a value, or where it lies between values a weight for each."""
    found: Evidence = {}
    for finding, leg, value in recorded(findings):
        found[node_in(findings, finding, leg)] = told(finding, leg, value)
    force = force_of(findings)
    if force is not None:
        found[force_node(force)] = "yes"
    return found


def told(finding: str, leg: Leg | None, value: Value) -> str | list[float]:
    """Return one recorded value as evidence."""
    weights = weights_of(finding, value)
    if len(weights) == 1:
        return next(iter(weights))
    return [weights.get(one, 0.0) for one in likelihood(finding, leg).values]


def recorded(findings: Findings) -> Iterator[tuple[str, Leg | None, Value]]:
    """Yield every recorded value that weighs by itself, with its leg as seen from the weaker foot."""
    legs: tuple[tuple[Leg | None, Mapping[str, Value]], ...] = (
        (None, findings.unsided),
        ("index", findings.index_values),
        ("contra", findings.contra_values),
    )
    for leg, values in legs:
        for finding, value in values.items():
            if weighs(finding):
                yield finding, leg, value


def observable() -> Iterator[tuple[str, Leg | None]]:
    """Yield every finding that weighs by itself, for each leg on which it is recorded."""
    for name, finding in CATALOGUE.findings.items():
        legs: tuple[Leg | None, ...] = ("index", "contra") if finding.sided else (None,)
        if weighs(name):
            yield from ((name, leg) for leg in legs)


def is_too_early(findings: Findings, finding: str) -> bool:
    """Return whether a nerve study was done before its result can show."""
    first = read("instrument")["timing"]["first_day"].get(finding)
    day = findings.unsided.get("days_onset_to_edx")
    return first is not None and day is not None and float(day) < first


def no_yes(chance: Any) -> Array:
    """Return the chances of no and yes on a new last axis."""
    yes = np.asarray(chance, dtype=np.float64)
    return np.stack([1.0 - yes, yes], axis=-1)


def node_of(finding: str, leg: Leg | None) -> str:
    """Return the name of a finding's node."""
    return f"{finding} {leg or 'once'}"


def node_in(findings: Findings, finding: str, leg: Leg | None) -> str:
    """Return the name of the node that takes what this exam recorded of a finding."""
    if finding == FORCE:
        return force_node(force_of(findings) or 0)
    name = node_of(finding, leg)
    return early(name) if is_too_early(findings, finding) else name


def early(node: str) -> str:
    """Return the name of the node of a study's result when it was done too early."""
    return f"{node} early"


def force_node(place: int) -> str:
    """Return the name of the node of one class of deficit."""
    return f"{FORCE} {place}"


def force_deficits() -> tuple[float, float, float]:
    """Return one deficit of each class: may be normal, uncertain, clear."""
    figures = read("instrument")["force"]
    return 0.0, (figures["uncertain"] + figures["clear"]) / 2.0, (figures["clear"] + 1.0) / 2.0


def force_of(findings: Findings) -> int | None:
    """Return the class of an exam's deficit of hip force, None unless both legs were measured."""
    sound, weaker = findings.contra_values.get(FORCE), findings.index_values.get(FORCE)
    if sound is None or weaker is None or float(sound) <= 0.0:
        return None
    return force_class(1.0 - float(weaker) / float(sound))


def force_class(deficit: float) -> int:
    """Return the class of a deficit, as a place in `force_deficits`."""
    figures = read("instrument")["force"]
    return sum(deficit > figures[edge] for edge in ("uncertain", "clear"))
