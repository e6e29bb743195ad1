"""The rows of a step: one finding each, its left and right fields side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from exams.answer import Answer, confounders_of, may_be_confounded, modalities_of, offered_tokens, typed_token
from exams.consent import Consent, consent_of
from exams.models import Exam
from exams.previous import Before, Change
from exams.reading import SIDE_LABELS, ShownState, in_one_line, legend, shown_answer
from exams.services.answers import Conflict
from exams.services.localizing import exam_age
from exams.steps import step_asking
from localization import CATALOGUE, Choice, Finding, most_trials, trials_hint, usual_walk

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.template import Context
    from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One key of a choice: its token and words, whether it is chosen, and whether it asks for the guard."""

    token: str
    label: str
    caption: str
    meaning: str
    state: str
    checked: bool
    guarded: bool

    @property
    def spoken(self) -> str:
        """The key's name for a screen reader: its label and what it means, no word said twice."""
        rest = self.meaning[len(self.label) :]
        if self.meaning.casefold().startswith(self.label.casefold()) and not rest[:1].isalnum():
            return self.label + rest
        return f"{self.label}, {self.meaning}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConflict:
    """Both values of an answer that was changed elsewhere, who changed it and when."""

    yours: str
    theirs: str
    theirs_token: str
    theirs_revision: int
    who: str
    when: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideField:
    """Everything one side of a finding shows and posts; `token` is empty while it is unset.

    `previous` is what the patient's last signed exam found, `change` how this answer differs from it;
    `context` is a sentence that helps to read the value, such as the speed usual at the patient's age.
    """

    finding: Finding
    side: str
    token: str
    not_tested: bool
    reason: str
    confounder: str
    count_as: str
    guard: str
    modality: str
    note: str
    revision: str
    is_affected: bool
    previous: str
    change: Change | None
    context: str
    errors: tuple[str, ...]
    conflict: ShownConflict | None
    text: str
    state: ShownState

    @property
    def prefix(self) -> str:
        """The start of every field name of this side, such as “ankle_dorsiflexion.left”."""
        return prefix_of(self.finding.id, self.side)

    @property
    def dom_id(self) -> str:
        """The id of this side's group on the page."""
        return self.prefix.replace(".", "-")

    @property
    def legend(self) -> str:
        """The group's accessible name."""
        return legend(self.finding, self.side, affected=self.is_affected)

    @property
    def side_label(self) -> str:
        """The side in words, empty for a finding without a side."""
        return SIDE_LABELS[self.side]

    @property
    def choices(self) -> tuple[Option, ...]:
        """The keys of this scale, and the recorded value if it is one that screens do not offer."""
        tokens = offered_tokens(self.finding)
        known = tuple(value.token for value in self.finding.scale.values)
        if self.token in known and self.token not in tokens:
            tokens = tuple(token for token in known if token in tokens or token == self.token)
        return tuple(self._option(token) for token in tokens)

    @property
    def is_number(self) -> bool:
        """Whether the answer is typed as a number."""
        return self.finding.scale.kind == "number"

    @property
    def takes_trials(self) -> bool:
        """Whether several trials may be typed, which needs a key for the space between them."""
        return most_trials(self.finding) > 1

    @property
    def unit(self) -> str:
        """The unit of a number."""
        return self.finding.scale.unit

    @property
    def answered(self) -> bool:
        """Whether there is an answer, a value or “Not tested”."""
        return self.not_tested or bool(self.token)

    @property
    def may_be_confounded(self) -> bool:
        """Whether “Limited by” is asked."""
        return may_be_confounded(self.finding, self.token)

    @property
    def reasons(self) -> tuple[Choice, ...]:
        """Why a finding may not have been tested."""
        return CATALOGUE.reasons_not_tested

    @property
    def confounders(self) -> tuple[Choice, ...]:
        """What may limit this finding."""
        return confounders_of(self.finding)

    @property
    def modalities(self) -> tuple[Choice, ...]:
        """How touch may have been tested; empty for other findings."""
        return modalities_of(self.finding)

    @property
    def asks_consent(self) -> bool:
        """Whether consent and chaperone are noted with this answer."""
        return step_asking(self.finding.id).consent

    @property
    def consent(self) -> Consent:
        """What the note says of consent and chaperone, and the rest of it."""
        return consent_of(self.note) if self.asks_consent else Consent(note=self.note)

    def _option(self, token: str) -> Option:
        value = self.finding.scale.value(token)
        return Option(
            token=token,
            label=value.label,
            caption=value.caption,
            meaning=value.meaning,
            state=self.finding.state_of(token),
            checked=token == self.token and not self.not_tested,
            guarded=self.finding.guarded(token),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding with its sides; a crispy layout object that renders the one shared row template."""

    finding: Finding
    sides: tuple[SideField, ...]
    is_next_best: bool

    template = "exams/finding_row.html"

    @property
    def has_errors(self) -> bool:
        """Whether a side of this row was refused or changed elsewhere."""
        return any(side.errors or side.conflict for side in self.sides)

    def render(
        self,
        form: BaseForm,
        context: Context,
        template_pack: str = "",  # noqa: ARG002 - crispy hands it to every layout object
        **kwargs: Any,  # noqa: ARG002 - and may hand more
    ) -> SafeString:
        """Return the row's HTML, with everything the page's own template knows."""
        known: dict[str, Any] = {str(name): value for name, value in context.flatten().items()}
        return render_to_string(self.template, {**known, "form": form, "row": self})


def prefix_of(finding: str, side: str) -> str:
    """Return the start of the field names of one side of a finding."""
    return f"{finding}.{side}" if side else finding


def side_field(
    finding: Finding,
    answer: Answer,
    *,
    exam: Exam,
    revision: str,
    previous: Before | None = None,
    stored: Answer | None = None,
    errors: tuple[str, ...] = (),
    conflict: Conflict | None = None,
) -> SideField:
    """Return what one side shows: the answer as stored, or as the person just gave it.

    Only what is `stored` counts as changed since the previous exam.
    """
    value = shown_answer(finding, answer)
    return SideField(
        finding=finding,
        side=answer.side,
        token="" if answer.not_tested else typed_token(answer),
        not_tested=answer.not_tested,
        reason=answer.reason,
        confounder=answer.confounder,
        count_as=answer.count_as,
        guard=answer.guard if finding.guarded(answer.token) else "",
        modality=answer.modality,
        note=answer.note,
        revision=revision,
        is_affected=answer.side != "" and exam.affected_side in {answer.side, Exam.Side.BILATERAL},
        previous=previous.text if previous else "",
        change=previous.change_to(stored) if previous and stored else None,
        context=usual_walk(finding.id, exam_age(exam), exam.patient.sex)
        or trials_hint(finding, exam.clinic.force_rule),
        errors=errors,
        conflict=_shown_conflict(finding, conflict) if conflict else None,
        text=in_one_line(value),
        state=value.state,
    )


def _shown_conflict(finding: Finding, conflict: Conflict) -> ShownConflict:
    theirs = conflict.theirs
    return ShownConflict(
        yours="Cleared" if conflict.yours.cleared else in_one_line(shown_answer(finding, conflict.yours)),
        theirs="Cleared" if theirs is None else in_one_line(shown_answer(finding, theirs)),
        theirs_token="" if theirs is None else _token_of(theirs),
        theirs_revision=conflict.revision,
        who=conflict.who,
        when=conflict.when,
    )


def _token_of(answer: Answer) -> str:
    return "not_tested" if answer.not_tested else typed_token(answer)


def errors_of(errors: Mapping[tuple[str, str], Any], place: tuple[str, str]) -> tuple[str, ...]:
    """Return the sentences that stand beside one side of a finding."""
    error = errors.get(place)
    return (error.message,) if error else ()
