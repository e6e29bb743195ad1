"""Published cases as an examiner meets them: what to enter where, and what the rules answer to that."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from exams.steps import KNOWN_BEFORE
from localization import CATALOGUE, Findings, Report, localize

CASES = Path(__file__).resolve().parent.parent / "cases"
OTHER = {"left": "right", "right": "left"}

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCase:
    """One patient of the literature with one affected side; `values` are tokens by finding and side."""

    age: int
    sex: str
    side: str
    values: Mapping[Place, str]

    def born(self, today: date) -> date:
        """Return a birth date that gives the case's age today."""
        return today - timedelta(days=round(self.age * 365.25) + 120)

    def asked(self, findings: Collection[str]) -> Mapping[Place, str]:
        """Return the values of the findings that a protocol asks."""
        return {place: token for place, token in self.values.items() if place[0] in findings}

    def answer(self, findings: Collection[str]) -> Report:
        """Return what the rules say when just these findings are asked; the rest counts as not tested."""
        found: dict[str, dict[str, str]] = {"": {}, "left": {}, "right": {}}
        for (finding, side), token in self.asked(findings).items():
            found[side][finding] = token
        once: dict[str, str | float] = {"age": self.age, "sex": self.sex, "side": self.side}
        return localize(Findings.build(unsided=once | found[""], left=found["left"], right=found["right"]))


def published(name: str) -> PublishedCase:
    """Read a case file: its plain table is of the affected side, `contra` of the other leg."""
    table = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["findings"]
    side = table["side"]
    values = {
        (finding, side if CATALOGUE[finding].sided else ""): str(value)
        for finding, value in table.items()
        if finding not in KNOWN_BEFORE and finding != "contra"
    }
    values |= {(finding, OTHER[side]): str(value) for finding, value in table.get("contra", {}).items()}
    return PublishedCase(age=int(table["age"]), sex=table["sex"], side=side, values=values)
