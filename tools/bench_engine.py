"""The engine's figures: a whole answer, and loading the package."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator

import numpy as np

from localization import Findings, localize
from tools.environment import ROOT
from tools.measure import Figure, compare

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


def starting(statement: str) -> Callable[[], object]:
    """Make a piece of work of a fresh Python that runs one statement."""
    return lambda: subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)


def engine_figures() -> Iterator[Figure]:
    """Measure one patient's whole answer with its reasons, and loading the package."""
    patients = cases()
    turn = iter(range(10**9))
    yield compare(
        "whole answer of one patient",
        lambda: localize(patients[next(turn) % len(patients)]),
        "a closed-form posterior",
        closed_form,
    )
    yield compare(
        "loading the localization package",
        starting("import localization, numpy"),
        "loading NumPy",
        starting("import numpy"),
    )
