"""The simpler methods can be read: their rules, the sites they name and the figures they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localization.catalogue import FindingError, catalogue
from localization.evaluation.baselines import BASELINES
from localization.evaluation.baselines_rules import METHODS, parse_condition
from localization.knowledge import read
from localization.sites import sites

FILE = "baselines"
SHARES = {
    "garden_hose": ("confidence",),
    "textbook_tree": ("confidence",),
    "smallest_lesion": ("explains", "predicts", "misfit", "atypical"),
    "naive_bayes": ("temper", "atypical"),
}


def methods() -> Iterator[str]:
    """Yield everything that is wrong with the simpler methods, with what would be allowed."""
    file = read(FILE)
    if set(file["baseline"]) != set(BASELINES):
        yield f"{FILE}.baseline: one entry for each of {', '.join(BASELINES)} is needed"
    for name, table in file["baseline"].items():
        if not table.get("label") or not table.get("about"):
            yield f"{FILE}.baseline.{name}: a label and a sentence are needed"
    for name, figures in SHARES.items():
        for figure in figures:
            if not 0.0 < file[name].get(figure, 0.0) < 1.0:
                yield f"{FILE}.{name}.{figure}: a share between 0 and 1 is needed"
    for name in METHODS:
        yield from _rules(name, file[name]["rule"])
    yield from _stand_ins(file["smallest_lesion"]["stands_for"])


def _rules(method: str, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    names = [row.get("name", "") for row in rows]
    if len(set(names)) != len(names) or not all(names):
        yield f"{FILE}.{method}: every rule needs a name of its own"
    for row in rows:
        place = f"{FILE}.{method}.{row.get('name', '')}"
        unknown = set(row.get("sites", ())) - set(sites())
        if unknown or not row.get("sites"):
            yield f"{place}: unknown site {', '.join(sorted(unknown))}. Allowed: {', '.join(sites())}"
        if not row.get("source") or not row.get("any_of"):
            yield f"{place}: a line and a source are needed"
        for line in row.get("any_of", ()):
            yield from (f"{place}: {fault}" for fault in _line(line))


def _line(line: str) -> Iterator[str]:
    for part in line.split(" and "):
        try:
            parse_condition(part)
        except FindingError as error:
            yield f"{error.finding}: {error.message}"
        except ValueError as error:
            yield str(error)


def _stand_ins(table: Mapping[str, str]) -> Iterator[str]:
    for finding, action in table.items():
        if finding not in catalogue() or action not in read("anatomy")["action"]:
            allowed = ", ".join(read("anatomy")["action"])
            yield f"{FILE}.smallest_lesion.stands_for.{finding}: a finding for one of {allowed} is needed"
