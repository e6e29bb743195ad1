"""The engine's posterior as pyAgrum computes it, set up as favourably as that library allows.

Favourable is: pattern, root supply and severity as one node that is also the one asked for, nothing in the
network but what this patient's findings depend on, network and evidence ready before the clock runs, and
the quickest of the library's exact methods for such a network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np

from localization import SITES, Findings
from localization.knowledge import read
from localization.posterior import posterior
from localization.states import states
from tests.engine.network import (
    ATYPICAL,
    INNER,
    NO_YES,
    Array,
    Network,
    Query,
    evidence_of,
    force_of,
    no_yes,
    recorded,
)

LESION = "lesion"
METHOD = "VariableElimination"
SAME = 1e-9


def queries(patients: Sequence[Findings], setting: str) -> Callable[[], Array]:
    """Return a piece of work that asks for one patient's posterior, in turn; all are checked against ours."""
    ready = [(Query(network_of(one, setting), LESION, METHOD), evidence_of(one)) for one in patients]
    for patient, (query, evidence) in zip(patients, ready, strict=True):
        theirs = np.add.reduceat(query(evidence), states().site_starts)
        ours = posterior(patient, setting)
        if max(abs(chance - ours[site]) for chance, site in zip(theirs, SITES, strict=True)) > SAME:
            message = f"The two posteriors differ for {dict(patient.index_values)}: their times say nothing."
            raise ValueError(message)
    turns = cycle(ready)

    def ask() -> Array:
        query, evidence = next(turns)
        return query(evidence)

    return ask


def network_of(findings: Findings, setting: str) -> Network:
    """Return the network of one patient's findings."""
    lesions = states().lesions
    made = Network((LESION,), np.arange(len(lesions)))
    _add_hidden(made, setting)
    for finding, leg in dict.fromkeys((finding, leg) for finding, leg, _ in recorded(findings)):
        made.add_finding(finding, leg)
    force = force_of(findings)
    if force is not None:
        made.add_force(force)
    return made


def _add_hidden(made: Network, setting: str) -> None:
    prior, lesions = states().prior, states().lesions
    shares = read("priors")["prior"][setting]["sites"]
    at_site = np.array([shares[lesion.pattern.site] for lesion in lesions])
    inner = tuple(range(1, prior.ndim))
    chances = prior.sum(axis=inner) * at_site
    made.add(LESION, tuple(map(str, range(len(lesions)))), (), chances / chances.sum())
    for axis, name in zip(inner, INNER, strict=True):
        table = prior.sum(axis=tuple(other for other in inner if other != axis))
        table /= table.sum(axis=1, keepdims=True)
        values = tuple(map(str, range(table.shape[1])))
        is_alike = bool(np.allclose(table, table[0], atol=1e-15))
        made.add(name, values, () if is_alike else (LESION,), table[0] if is_alike else table)
    made.add(ATYPICAL, NO_YES, (), no_yes(read("instrument")["atypical"]["probability"]))
