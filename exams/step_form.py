"""The form of a step: filled from the record, checked as a whole, and shown again with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django.http import QueryDict

from exams.answer import Answer, answer_of
from exams.body_map import BodyMap, body_map
from exams.bulk import Fill, Rest, fill_of, rest_of
from exams.models import Exam, Observation
from exams.previous import Before
from exams.rows import FindingRow, SideField, prefix_of, side_field
from exams.services.answers import Conflict, StepRefused
from exams.step_fields import CONSENT_PARTS, PARTS, Place, StepFields
from exams.steps import Step, sides_of
from localization import Finding

REST_REASON = "Choose why what is open was not tested: nothing was changed."


class StepForm(StepFields):
    """All sides of a step's findings, or `only` one. Nothing is pre-selected but what the record holds."""

    def __init__(
        self,
        step: Step,
        exam: Exam,
        stored: Mapping[Place, Observation],
        data: QueryDict | None = None,
        *,
        previous: Mapping[Place, Before] | None = None,
        next_best: str = "",
        only: Place | None = None,
    ) -> None:
        super().__init__(
            step, (only,) if only else step.places, stored, data, force_rule=exam.clinic.force_rule
        )
        self.exam = exam
        self.previous, self.next_best = previous or {}, next_best
        self.conflicts: dict[Place, Conflict] = {}
        self.refusals: dict[Place, list[str]] = {}
        self.rest_error = ""

    def clean(self) -> dict[str, Any]:
        """Read every side and mark what is open, so that one page names everything that is wrong."""
        super().clean()
        self._mark_rest()
        return self.cleaned_data

    def _mark_rest(self) -> None:
        """Answer what is still open with the one reason given for it, if the person asked for that."""
        if not (self.marks_rest and self.rest):
            return
        reason = str(self.data.get("rest.reason", ""))
        if reason not in {known.id for known in self.rest.reasons}:
            self.rest_error = REST_REASON
            self.add_error(None, REST_REASON)
            return
        for finding, side in self.rest.open_to:
            if (finding, side) in self._answers and self._answers[finding, side] is None:
                revision = self.revision_at((finding, side))
                self._answers[finding, side] = Answer(
                    finding=finding, side=side, not_tested=True, reason=reason, revision=revision
                )

    def refuse(self, refused: StepRefused) -> None:
        """Keep what was typed and show beside each side why it was not saved."""
        for place, error in refused.errors.items():
            self.refusals.setdefault(place, []).append(error.message)
        self.conflicts.update(refused.conflicts)

    @property
    def status(self) -> int:
        """The HTTP status of a page with this form: 422 for a refusal, 409 for nothing but conflicts."""
        if not self.is_bound:
            return 200
        return 422 if self.errors or self.refusals else 409 if self.conflicts else 200

    @property
    def continues_without(self) -> bool:
        """Whether the person chose to go on and leave what cannot be saved as it was."""
        return self.is_bound and "continue_without" in self.data

    @property
    def marks_rest(self) -> bool:
        """Whether the person marks what is open on this step as not tested."""
        return self.is_bound and "rest.mark" in self.data

    @property
    def rest(self) -> Rest | None:
        """What one reason may mark as not tested on this step; None where each needs its own answer."""
        return rest_of(self.step)

    @property
    def fill_down(self) -> Fill | None:
        """What may be filled in on the side that is not affected; None where nothing may."""
        return fill_of(self.step, self.exam)

    @property
    def helper(self) -> FormHelper:
        """Crispy's helper: the page owns the form tag and the CSRF token."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = False  # each stands beside its row, and in the summary
        helper.layout = Layout(*self.rows)
        return helper

    @property
    def rows(self) -> tuple[FindingRow, ...]:
        """The rows to show, with what was typed if the form was sent."""
        return tuple(self.row(finding) for finding in self.step.findings)

    @property
    def body_map(self) -> BodyMap | None:
        """The drawing of this step's skin areas; None for a step that asks for anything else."""
        return body_map(self.rows, self.exam, self.stored)

    def row(self, finding: Finding) -> FindingRow:
        """Return one finding's row."""
        sides = tuple(self.side(finding, side) for side in sides_of(finding))
        return FindingRow(finding=finding, sides=sides, is_next_best=finding.id == self.next_best)

    def side(self, finding: Finding, side: str) -> SideField:
        """Return one side as it is shown: as typed when the form was sent, else as stored."""
        place = (finding.id, side)
        row = self.stored.get(place)
        shown = self.typed_at(place) if self.is_bound else None
        stored = answer_of(row) if row else Answer(finding=finding.id, side=side)
        # An unset answer is given to all that the record held when the page was made.
        revision = row.revision if row else self.exam.revision
        return side_field(
            finding,
            shown or stored,
            exam=self.exam,
            revision=self.text_at(place, "revision") if self.is_bound else str(revision),
            previous=self.previous.get(place),
            stored=stored,
            errors=self.errors_at(place),
            conflict=self.conflicts.get(place),
        )

    def errors_at(self, place: Place) -> tuple[str, ...]:
        """Return the sentences beside one side: its fields' own errors, then why it was not saved."""
        if not self.is_bound:
            return ()
        names = (f"{prefix_of(*place)}.{part}" for part in (*PARTS, *CONSENT_PARTS))
        own = [str(message) for name in names for message in self.errors.get(name, ())]
        return (*own, *self.refusals.get(place, ()))

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """Every error as a link to its side and its sentence, in the order of the page."""
        kinds = {self.rest_error: "#rest-reason"}
        found = [(kinds.get(said, "#main"), said) for said in map(str, self.non_field_errors())]
        for row in self.rows:
            for side in row.sides:
                sentences = list(side.errors)
                if side.conflict:
                    sentences.append(f"{side.legend}: changed elsewhere. Choose which value to keep.")
                found.extend((f"#{side.dom_id}", sentence) for sentence in sentences)
        return found
