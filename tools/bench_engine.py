"""The engine's figures: a posterior beside a peer's, a whole answer, and loading the package."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from itertools import cycle

import numpy as np

from localization import DEFAULT_SETTING, Findings, localize
from localization.posterior import posterior
from tools.bench_peer import queries
from tools.environment import ROOT
from tools.measure import Aim, Figure, compare, compare_told

STATES = 100
FINDINGS = 40
VALUES = 4


def cases() -> list[Findings]:
    """The published patients that the tests know."""
    folder = ROOT / "tests" / "cases"
    return [
        Findings.from_case(tomllib.loads(path.read_text(encoding="utf-8"))["findings"])
        for path in sorted(folder.glob("*.toml"))
    ]


def closed_form() -> np.ndarray:
    """The least that a posterior can cost: add 40 looked-up logarithms for 100 states, and normalise."""
    table = LOGS[:, ANSWERS, np.arange(FINDINGS)]
    score = table.sum(axis=1)
    weights = np.exp(score - score.max())
    return np.asarray(weights / weights.sum())


RANDOM = np.random.default_rng(7)
LOGS = np.log(RANDOM.dirichlet(np.ones(VALUES), size=(STATES, FINDINGS)).transpose(0, 2, 1))
ANSWERS = RANDOM.integers(0, VALUES, size=FINDINGS)


def importing(package: str) -> Callable[[], float]:
    """Make a piece of work of a fresh Python that imports a package and tells its milliseconds."""
    statement = (
        f"from time import perf_counter as now; at = now(); import {package}; print((now() - at) * 1000)"
    )
    command = [sys.executable, "-c", statement]
    return lambda: float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def engine_figures() -> Iterator[Figure]:
    """Measure one patient's posterior, the whole answer with its reasons, and loading the package."""
    patients = cases()
    ours, answered = cycle(patients), cycle(patients)
    yield compare(
        "posterior of one patient",
        lambda: posterior(next(ours), DEFAULT_SETTING),
        "pyAgrum's query",
        queries(patients, DEFAULT_SETTING),
        Aim(milliseconds=0.5, ratio=0.25),
    )
    yield compare(
        "whole answer of one patient",
        lambda: localize(next(answered)),
        "a closed-form posterior",
        closed_form,
        Aim(milliseconds=5.0),
    )
    yield compare_told(
        "loading the localization package",
        importing("localization"),
        "loading NumPy",
        importing("numpy"),
        Aim(milliseconds=150.0),
    )
