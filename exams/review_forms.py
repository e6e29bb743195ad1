"""What a supervisor fills in: the own look, the decision, the way back to the examiner."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from localization import SITES

NOT_PLACED = "not_placed"

# The lesion sites in the order of the vocabulary, brain to muscle, and the honest last answer.
SITE_CHOICES: tuple[tuple[str, str], ...] = (
    *((site.id, site.label) for site in SITES.values()),
    (NOT_PLACED, "Cannot be placed with these findings"),
)


def site_of(answer: str) -> str:
    """Return the site as an opinion stores it: empty when the author does not place the lesion."""
    return "" if answer == NOT_PLACED else answer


class LookForm(forms.Form):
    """The supervisor's own opinion, given before any other opinion is shown."""

    site = forms.ChoiceField(
        label="Which level fits the findings best?",
        choices=SITE_CHOICES,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the level that fits best, or “Cannot be placed with these findings”."
        },
    )
    text = forms.CharField(
        label="Reason, in one line",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )


class DecisionForm(forms.Form):
    """Agree or disagree, over the supervisor's password; disagreeing needs an own level and a reason.

    `placed` says whether the report shows a level; where it shows none, that is what is agreed to.
    """

    AGREE = "agree"
    DISAGREE = "disagree"
    ON_A_LEVEL = (
        "Do you agree with the level shown in this report?",
        ((AGREE, "I agree with the level shown"), (DISAGREE, "I do not agree with the level shown")),
        "Choose whether you agree with the level shown.",
    )
    ON_NO_LEVEL = (
        "Do you agree that this report names no single level?",
        (
            (AGREE, "I agree that no single level is named"),
            (DISAGREE, "I do not agree: one level fits best"),
        ),
        "Choose whether you agree that no single level is named.",
    )

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    site = forms.ChoiceField(
        label="Your own level, when you do not agree",
        choices=(("", "Choose a level"), *SITE_CHOICES),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    comment = forms.CharField(
        label="Comment; required when you do not agree",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
    password = forms.CharField(
        label="Your password",
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
        error_messages={"required": "Type your password: it is your signature."},
    )

    def __init__(self, answers: QueryDict | None = None, *, placed: bool) -> None:
        super().__init__(answers)
        question, choices, missing = self.ON_A_LEVEL if placed else self.ON_NO_LEVEL
        self.fields["outcome"] = forms.ChoiceField(
            label=question, choices=choices, widget=forms.RadioSelect, error_messages={"required": missing}
        )

    def clean(self) -> dict[str, Any]:
        """Ask for an own level and a comment when the supervisor does not agree."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("outcome") == self.DISAGREE:
            if not values.get("site"):
                self.add_error("site", "Choose your own level: it prints beside the one shown.")
            if not values.get("comment"):
                self.add_error("comment", "Write why you do not agree: the comment prints in the report.")
        return values

    @property
    def agrees(self) -> bool:
        """Whether the supervisor agrees with the level shown; only of a valid form."""
        return bool(self.cleaned_data["outcome"] == self.AGREE)


class CautionForm(forms.Form):
    """Why the caution about brain or spinal cord does not apply to this patient."""

    reason = forms.CharField(
        label="Why it can be closed",
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        error_messages={
            "required": "Write why the caution can be closed. It stays open.",
            "max_length": "Write the reason in at most 500 characters. The caution stays open.",
        },
    )


class ReturnForm(forms.Form):
    """Send the exam back to its examiner with a question or a request."""

    comment = forms.CharField(
        label="What should the examiner look at again?",
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        error_messages={
            "required": "Write what the examiner should look at again. The exam was not returned."
        },
    )

    def __init__(self, said: QueryDict | None = None) -> None:
        # The decision on the same page has a comment as well.
        super().__init__(said, auto_id="return_%s")
