"""What is filled in about red flags: which, who was told, when, and what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from exams.services.flags import ACTION_LENGTH
from exams.telling import TELLING

STAYS = "Nothing was recorded yet, and the red flag stays."
AGAIN = "The page was too old to record from. Everything typed is kept: press Record again."


class FlagForm(forms.Form):
    """One record for one or more raised red flags; nobody is chosen beforehand.

    `raised` are the flags of the exam as (id, words), `unmet` those without a record: these are ticked.
    """

    key = forms.UUIDField(error_messages={"required": AGAIN, "invalid": AGAIN})
    flag = forms.MultipleChoiceField(
        label="About",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": f"Tick which red flag this is about. {STAYS}",
            "invalid_choice": "A red flag that you ticked is not raised any more. Tick those that are.",
        },
    )
    told = forms.ChoiceField(
        label="Who was told?",
        choices=[(one.id, one.label) for one in TELLING],
        widget=forms.RadioSelect,
        error_messages={
            "required": f"Choose who was told. {STAYS}",
            "invalid_choice": "Choose who was told from the list.",
        },
    )
    clock = forms.TimeField(
        label="Told today at",
        required=False,
        input_formats=("%H:%M",),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
        error_messages={"invalid": "Type the time like 14:05, or leave it empty for now."},
    )
    action = forms.CharField(
        label="What was agreed?",
        max_length=ACTION_LENGTH,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={
            "required": f"Write in a line what was agreed. {STAYS}",
            "max_length": f"Write what was agreed in at most {ACTION_LENGTH} characters.",
        },
    )

    def __init__(
        self, said: QueryDict | None = None, *, raised: Sequence[tuple[str, str]], unmet: Sequence[str]
    ) -> None:
        super().__init__(said, auto_id="flag_%s", initial={"flag": list(unmet)})
        self.raised = raised
        field: Any = self.fields["flag"]
        field.choices = raised

    @property
    def said(self) -> dict[str, Any]:
        """What a valid form says, as the services that record it take it."""
        names = {"flag": "flags", "told": "told", "action": "action", "clock": "clock", "key": "key"}
        return {given: self.cleaned_data[name] for name, given in names.items()}

    @property
    def new_key(self) -> UUID:
        """A key for the next press of Record: pressed twice, it records once."""
        return uuid4()

    @property
    def error_summary(self) -> list[tuple[str, str]]:
        """The form's errors as links to its fields and their sentences, in the order of the form."""
        first = {"told": "#flag_told_0", "flag": "#flags-about", "key": "#flag_action"}
        return [
            (first.get(name, f"#flag_{name}"), str(sentence))
            for name, sentences in self.errors.items()
            for sentence in sentences
        ]

    @property
    def asks_which(self) -> bool:
        """Whether there is more than one red flag to choose from."""
        return len(self.raised) > 1
