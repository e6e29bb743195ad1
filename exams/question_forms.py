"""What is said about a single value: a question, a mark that it was verified, an answer, or an end to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from exams.services.questions import TEXT_LENGTH

ACTS = ("ask", "verify", "answer", "close")


class QuestionForm(forms.Form):
    """Whichever was said; what it needs beside the act is refused with a sentence by the service."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    place = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a value from the list."}
    )
    thread = forms.CharField(required=False, max_length=40)
    category = forms.CharField(required=False, max_length=20)
    text = forms.CharField(
        required=False,
        max_length=TEXT_LENGTH,
        error_messages={"max_length": f"Write at most {TEXT_LENGTH} characters. Nothing was changed."},
    )

    def __init__(self, places: Sequence[tuple[str, str]], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(places)

    @property
    def thread_id(self) -> UUID:
        """The question that is answered or closed; an unreadable one is no question of any exam."""
        try:
            return UUID(self.cleaned_data["thread"])
        except ValueError:
            return UUID(int=0)

    @property
    def finding_and_side(self) -> tuple[str, str]:
        """The value chosen; two empty texts when none was."""
        finding, _, side = self.cleaned_data["place"].partition(".")
        return finding, side
