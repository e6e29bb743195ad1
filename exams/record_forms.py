"""What is filled in on the page of an exam's record: why, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import User

from exams.services.afterwards import REASON_LENGTH

NOT_IN_LIST = "Choose a colleague from the list."


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
    to = forms.CharField(required=False, max_length=20)

    def __init__(self, colleagues: Sequence[User], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.people = {str(one.pk): one for one in colleagues}

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Whom a draft can be handed over to, by name."""
        return [(key, one.get_full_name()) for key, one in self.people.items()]

    def clean(self) -> dict[str, object]:
        """Ask for a colleague of this clinic where the draft is handed over."""
        if self.cleaned_data.get("act") == "hand_over" and self.cleaned_data.get("to") not in self.people:
            chosen = self.cleaned_data.get("to")
            self.add_error("to", NOT_IN_LIST if chosen else "Choose to whom. Nothing was changed.")
        return self.cleaned_data

    @property
    def colleague(self) -> User:
        """The person chosen; only for a valid hand-over."""
        return self.people[self.cleaned_data["to"]]
