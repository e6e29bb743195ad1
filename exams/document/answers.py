"""The answers of one exam by finding and side, as every part of the report looks them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from exams.models import Exam, Observation
from localization import CATALOGUE

if TYPE_CHECKING:
    from localization import Finding

Answers: TypeAlias = Mapping[tuple[str, str], Observation]


def answers_of(exam: Exam) -> Answers:
    """Return every stored answer of the exam by (finding, side)."""
    return {(answer.finding, answer.side): answer for answer in exam.observations.all()}


def shown(answers: Answers, asked: Iterable[str]) -> list[Finding]:
    """Return every finding that was asked or answered, in catalogue order."""
    ids = set(asked) | {finding for finding, _ in answers}
    return [finding for finding in CATALOGUE.findings.values() if finding.id in ids]
