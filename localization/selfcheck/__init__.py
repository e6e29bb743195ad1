"""The knowledge against itself: every id, source, sum and figure; each problem is one line of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from localization.evaluation import published
from localization.selfcheck import chances, entries, marks, methods, rules, simulated, structure

# Every check, in the order in which its problems are printed. A new knowledge file gets a function here.
CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    marks.sources_exist,
    marks.numbers_are_marked,
    entries.findings_are_whole,
    entries.scales_are_whole,
    entries.sites_are_whole,
    rules.rules_can_be_read,
    structure.supply,
    structure.movements,
    structure.drawing,
    structure.lesion_patterns,
    chances.priors,
    chances.likelihoods,
    chances.choices,
    chances.profiles,
    simulated.drawing_of_patients,
    published.faults,
    methods.methods,
)


def problems() -> list[str]:
    """Return everything that is wrong with the knowledge files, empty when they agree."""
    return [problem for check in CHECKS for problem in check()]
