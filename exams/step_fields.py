"""The fields of a step, and what they say of each side, read as an answer and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django import forms
from django.http import QueryDict

from exams.answer import (
    NOT_TESTED,
    NOTE_LENGTH,
    Answer,
    Rejected,
    checked,
    confounders_of,
    may_be_confounded,
)
from exams.consent import CHAPERONE_LENGTH, Consent
from exams.models import Observation
from exams.rows import prefix_of
from exams.steps import Step
from localization import CATALOGUE

Place = tuple[str, str]
# The fields of one side, with the longest text each may hold.
PARTS: Mapping[str, int] = {
    "token": 40,
    "reason": 40,
    "confounder": 40,
    "count_as": 10,
    "guard": 10,
    "guard_for": 40,
    "modality": 20,
    "note": NOTE_LENGTH,
    "revision": 10,
    "clear": 10,
}
# What an intimate test asks beside them; both become the first lines of its note.
CONSENT_PARTS: Mapping[str, int] = {"consent": 5, "chaperone": CHAPERONE_LENGTH}
DETAILS = ("reason", "confounder", "guard", "modality", "note", *CONSENT_PARTS)
STALE = "This page holds an unreadable version number. Reload the page; saved answers are kept."
STRANGERS = (
    "Nothing of this step was saved: the page sent answers that this step does not ask{about}. "
    "Everything recorded is kept. Open those tests first, or reload the page and answer what it shows."
)
BARE_DETAIL = "Choose an answer, or “Not tested”, to go with the rest of this row."


@cache
def _text(longest: int) -> forms.CharField:
    """Return the field of each part that is so long at most: it keeps nothing of the forms that it cleans."""
    return forms.CharField(required=False, max_length=longest)


class StepFields(forms.Form):
    """The fields of a step's places, the same for each side; `stored` is what the record holds there."""

    def __init__(
        self,
        step: Step,
        places: tuple[Place, ...],
        stored: Mapping[Place, Observation],
        data: QueryDict | None,
        *,
        force_rule: str,
    ) -> None:
        super().__init__(data)
        self.step, self.places, self.stored, self.force_rule = step, places, stored, force_rule
        parts = {**PARTS, **CONSENT_PARTS} if step.consent else PARTS
        for place in places:
            for part, longest in parts.items():
                self.fields[f"{prefix_of(*place)}.{part}"] = _text(longest)

    def clean(self) -> dict[str, Any]:
        """Read every side as an answer and check it; what is wrong is named at its side."""
        self._refuse_strangers()
        self._answers: dict[Place, Answer | None] = {}
        for place in self.places:
            try:
                answer = self.answer_at(place)
                self._answers[place] = checked(answer, self.force_rule) if answer else None
            except forms.ValidationError as error:
                self.add_error(f"{prefix_of(*place)}.token", error)
            except Rejected as rejected:
                self.add_error(f"{prefix_of(*place)}.token", rejected.message)
        return self.cleaned_data

    def _refuse_strangers(self) -> None:
        """Refuse a page that sent a part which this step does not show: nothing is dropped in silence."""
        shown = {*self.fields, "rest.mark", "rest.reason"}
        strange = [name.partition(".")[0] for name in self.data if "." in name and name not in shown]
        if strange:
            labels = dict.fromkeys(CATALOGUE[name].label for name in strange if name in CATALOGUE.findings)
            self.add_error(None, STRANGERS.format(about=f" ({', '.join(labels)})" if labels else ""))

    def said_at(self, place: Place) -> Answer:
        """Return the answer for one side; saying nothing there means unset."""
        empty = Answer(finding=place[0], side=place[1], revision=self.revision_at(place), cleared=True)
        return self._answers[place] or empty

    def answers(self) -> tuple[Answer, ...]:
        """Return what was said on this page; a side about which nothing was said gives no answer."""
        return tuple(answer for answer in self._answers.values() if answer is not None)

    def text_at(self, place: Place, part: str) -> str:
        """Return what was sent for one part of a side, right or wrong; empty when nothing was."""
        return str(self.data.get(f"{prefix_of(*place)}.{part}", "")).strip()

    def _cleaned(self, place: Place, part: str) -> str:
        return str(self.cleaned_data.get(f"{prefix_of(*place)}.{part}", ""))

    def _note(self, place: Place, read: Callable[[Place, str], str]) -> str:
        """Return the note of one side, led by consent and chaperone where they are asked."""
        note = read(place, "note")
        if not self.step.consent:
            return note
        given, chaperone = bool(read(place, "consent")), read(place, "chaperone")
        return Consent(given=given, chaperone=chaperone, note=note).text

    def revision_at(self, place: Place) -> int:
        """Return the revision that one side was given to; raises ValidationError when it is no number."""
        text = self._cleaned(place, "revision")
        if text and not (text.isascii() and text.isdigit()):
            raise forms.ValidationError(STALE)
        return int(text or "0")

    def answer_at(self, place: Place) -> Answer | None:
        """Return what was said on one side, or None when nothing was."""
        row, revision = self.stored.get(place), self.revision_at(place)
        token = self._cleaned(place, "token")
        if self._cleaned(place, "clear"):
            return Answer(finding=place[0], side=place[1], revision=revision, cleared=True)
        if token:
            return self._given(place, token, revision)
        if any(self._cleaned(place, part) for part in DETAILS):
            raise forms.ValidationError(BARE_DETAIL)
        if row is not None and row.revision == revision:
            return Answer(finding=place[0], side=place[1], revision=revision, cleared=True)
        return None

    def _given(self, place: Place, token: str, revision: int) -> Answer:
        """Return the answer with its own details; those of an answer chosen before are dropped."""
        finding, side = place
        note = self._note(place, self._cleaned)
        if token == NOT_TESTED:
            reason = self._cleaned(place, "reason")
            return Answer(
                finding=finding, side=side, not_tested=True, reason=reason, note=note, revision=revision
            )
        entry = next(item for item in self.step.findings if item.id == finding)
        # What limited a weaker grade goes with that grade; what no grade of this finding has is refused.
        goes_with = may_be_confounded(entry, token) or not confounders_of(entry)
        confounder = self._cleaned(place, "confounder") if goes_with else ""
        return Answer(
            finding=finding,
            side=side,
            token=token,
            confounder=confounder,
            count_as=self._cleaned(place, "count_as") if confounder else "",
            guard=self._guard(place, token, self._cleaned),
            modality=self._cleaned(place, "modality"),
            note=note,
            revision=revision,
        )

    def _guard(self, place: Place, token: str, read: Callable[[Place, str], str]) -> str:
        """Return what was said of the technique, unless it was said of the value that stood there before."""
        return read(place, "guard") if read(place, "guard_for") in {"", token} else ""

    def typed_at(self, place: Place) -> Answer:
        """Return what was typed on one side, right or wrong, to be shown again."""
        token = self.text_at(place, "token")
        return Answer(
            finding=place[0],
            side=place[1],
            token="" if token == NOT_TESTED else token,
            not_tested=token == NOT_TESTED,
            reason=self.text_at(place, "reason"),
            confounder=self.text_at(place, "confounder"),
            count_as=self.text_at(place, "count_as"),
            guard=self._guard(place, token, self.text_at),
            modality=self.text_at(place, "modality"),
            note=self._note(place, self.text_at),
        )
