"""What is filled in on the page of an exam's record: why, and to whom."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib.auth.models import User

from exams.services.afterwards import REASON_LENGTH


class ReasonForm(forms.Form):
    """Which act, in the examiner's or supervisor's own words why, and for a hand-over to whom."""

    act = forms.ChoiceField(choices=[(name, name) for name in ("amend", "add", "void", "hand_over")])
    text = forms.CharField(
        max_length=REASON_LENGTH,
        error_messages={
            "required": "Write why. Nothing was changed.",
            "max_length": f"Write at most {REASON_LENGTH} characters. Nothing was changed.",
        },
    )
    to = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose a colleague from the list."}
    )

    def __init__(self, colleagues: Sequence[User], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.people = {str(one.pk): one for one in colleagues}
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(key, one.get_full_name()) for key, one in self.people.items()]

    def clean(self) -> dict[str, object]:
        """Ask for a colleague where the draft is handed over."""
        if self.cleaned_data.get("act") == "hand_over" and not self.cleaned_data.get("to"):
            self.add_error("to", "Choose to whom. Nothing was changed.")
        return self.cleaned_data

    @property
    def colleague(self) -> User:
        """The person chosen; only for a valid hand-over."""
        return self.people[self.cleaned_data["to"]]
