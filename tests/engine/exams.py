"""Random examinations for the property tests: any findings of the catalogue, on either leg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from localization import CATALOGUE, Finding, Findings, Value

FULL_GRADES = ("0", "1", "2", "3", "4-", "4", "4+", "5")


@dataclass(frozen=True)
class Exam:
    unsided: Mapping[str, Value]
    left: Mapping[str, Value]
    right: Mapping[str, Value]

    def findings(self) -> Findings:
        return Findings.build(unsided=self.unsided, left=self.left, right=self.right)

    def mirrored(self) -> Exam:
        swap = {"left": "right", "right": "left"}
        once = {
            name: swap.get(str(value), value) if name == "side" else value
            for name, value in self.unsided.items()
        }
        return Exam(unsided=once, left=self.right, right=self.left)

    def without(self, name: str) -> Exam:
        def rest(values: Mapping[str, Value]) -> dict[str, Value]:
            return {key: value for key, value in values.items() if key != name}

        return Exam(unsided=rest(self.unsided), left=rest(self.left), right=rest(self.right))

    def shuffled(self, order: list[str]) -> Exam:
        def sort(values: Mapping[str, Value]) -> dict[str, Value]:
            return {name: values[name] for name in sorted(values, key=order.index)}

        return Exam(unsided=sort(self.unsided), left=sort(self.left), right=sort(self.right))


def value_of(finding: Finding) -> st.SearchStrategy[Value]:
    scale = finding.scale
    if scale.kind == "choice":
        return st.sampled_from(scale.tokens)
    return st.integers(int(scale.minimum or 0), int(scale.maximum or 0)).map(float)


def _some(sided: bool) -> st.SearchStrategy[dict[str, Value]]:
    members = {
        name: value_of(finding) for name, finding in CATALOGUE.findings.items() if finding.sided == sided
    }
    return st.lists(st.sampled_from(sorted(members)), unique=True, max_size=14).flatmap(
        lambda names: st.fixed_dictionaries({name: members[name] for name in names})
    )


def exams() -> st.SearchStrategy[Exam]:
    return st.builds(Exam, unsided=_some(sided=False), left=_some(sided=True), right=_some(sided=True))
