"""What is said about a single value: a question, a mark that it was verified, an answer, or an end to it."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from exams.models import QuestionEntry
from exams.services.questions import TEXT_LENGTH

ACTS = ("ask", "verify", "answer", "close")


class QuestionForm(forms.Form):
    """Whichever was said; what it needs beside the act is refused with a sentence by the service."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    place = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a value from the list."}
    )
    thread = forms.UUIDField(required=False)
    category = forms.ChoiceField(
        required=False,
        choices=QuestionEntry.Category.choices,
        error_messages={"invalid_choice": "Choose how you answer from the list."},
    )
    text = forms.CharField(
        required=False,
        max_length=TEXT_LENGTH,
        error_messages={"max_length": f"Write at most {TEXT_LENGTH} characters. Nothing was changed."},
    )

    def __init__(self, places: Sequence[tuple[str, str]], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(places)

    @property
    def finding_and_side(self) -> tuple[str, str]:
        """The value chosen; two empty texts when none was."""
        finding, _, side = self.cleaned_data["place"].partition(".")
        return finding, side
