"""Examinations for the property tests: any findings of the catalogue, and those of drawn patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from localization import CATALOGUE, DEFAULT_SETTING, SITES, Finding, Findings, Value
from localization.simulation import draw


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


def _some(sided: bool, most: int) -> st.SearchStrategy[dict[str, Value]]:
    members = {
        name: value_of(finding) for name, finding in CATALOGUE.findings.items() if finding.sided == sided
    }
    return st.lists(st.sampled_from(sorted(members)), unique=True, max_size=most).flatmap(
        lambda names: st.fixed_dictionaries({name: members[name] for name in names})
    )


def exams(most: int = 14) -> st.SearchStrategy[Exam]:
    """Draw any findings at all, at most so many of what is recorded once, and of each leg."""
    return st.builds(
        Exam,
        unsided=_some(sided=False, most=most),
        left=_some(sided=True, most=most),
        right=_some(sided=True, most=most),
    )


@st.composite
def drawn_exams(draw_one: st.DrawFn) -> Exam:
    """Draw a patient from the model, examined completely or only in part; shrinks to few findings."""
    site, seed = draw_one(st.sampled_from(list(SITES))), draw_one(st.integers(0, 2**32))
    found = draw(site, seed, setting=DEFAULT_SETTING).findings
    exam = Exam(unsided=found.unsided, left=found.left, right=found.right)
    if draw_one(st.booleans()):
        return exam
    kept = draw_one(st.sets(st.sampled_from(sorted(CATALOGUE.findings))))
    for name in set(CATALOGUE.findings) - kept:
        exam = exam.without(name)
    return exam


def any_exams() -> st.SearchStrategy[Exam]:
    """Draw any findings at all, or those of a patient of the model."""
    return st.one_of(exams(), drawn_exams())
