"""One exam with its answers and its steps, read once for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exams.models import Exam, Observation
from exams.steps import Step, places_of, steps_for
from localization import CATALOGUE

Place = tuple[str, str]


def is_unfinished(row: Observation) -> bool:
    """Return whether a stored answer lacks its reason, or how to count a grade that something limited."""
    return bool((row.not_tested and not row.reason) or (row.confounder and not row.count_as))


@dataclass(frozen=True, slots=True)
class Sheet:
    """An exam, its stored answers by (finding, side), and the steps that it consists of now."""

    exam: Exam
    stored: Mapping[Place, Observation]
    steps: tuple[Step, ...]

    @property
    def rows(self) -> tuple[Observation, ...]:
        """The stored answers."""
        return tuple(self.stored.values())

    @property
    def finding_ids(self) -> frozenset[str]:
        """Every finding that the steps ask."""
        return frozenset(name for step in self.steps for name in step.finding_ids)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every answer that the steps ask for, in the order of asking."""
        return tuple(places_of(self.steps))

    @property
    def open_places(self) -> tuple[Place, ...]:
        """Every answer that the steps ask for and the record does not hold, in the order of asking."""
        return tuple(place for place in self.places if place not in self.stored)

    @property
    def unfinished(self) -> tuple[Observation, ...]:
        """The stored answers that lack their reason, or how to count a grade that something limited."""
        return tuple(row for row in self.rows if is_unfinished(row))

    @property
    def open_count(self) -> int:
        """How many answers are open: none yet, or not finished. Every page that says the number says this."""
        return len(self.open_places) + len(self.unfinished)

    def number_of(self, slug: str) -> int:
        """Return the number of a step, counted from 1; a step that is not among them has none: 0."""
        slugs = [step.slug for step in self.steps]
        return slugs.index(slug) + 1 if slug in slugs else 0

    def position_at(self, slug: str) -> str:
        """Return the position the patient is in on a step; empty on the last steps, which need none."""
        known = {position.id for position in CATALOGUE.positions}
        found = (step.position for step in self.steps if step.slug == slug and step.position in known)
        return next(found, "")

    def beside(self, slug: str, by: int) -> Step | None:
        """Return the step `by` places after (or, negative, before) this one, None past either end."""
        index = self.number_of(slug) - 1 + by
        return self.steps[index] if 0 <= index < len(self.steps) else None


def sheet_of(exam: Exam) -> Sheet:
    """Return the exam's sheet, read from the record."""
    found = Observation.objects.filter(clinic=exam.clinic_id, exam=exam).select_related("recorded_by")
    return sheet_with(exam, found)


def sheet_with(exam: Exam, rows: Iterable[Observation]) -> Sheet:
    """Return the exam's sheet with these answers.

    Its steps ask the plan: what the protocol asks, what was opened beyond it, and what was answered.
    """
    stored = {(row.finding, row.side): row for row in rows}
    return Sheet(exam, stored, steps_for(exam.protocol, {*exam.opened, *(finding for finding, _ in stored)}))
