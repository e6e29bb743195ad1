"""What is filled in around the steps: patient, start of an exam, impression, signature."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django import forms
from django.utils import timezone

from clinics.forms import text_input
from exams.models import Exam, Patient
from exams.review_forms import SITE_CHOICES
from exams.services.exams import TEXT_LENGTH
from exams.services.localizing import age_at
from exams.side_forms import SIDE_LABELS, SideForm
from exams.steps import protocol_findings
from localization import CATALOGUE


def examining_minutes(protocol: str) -> int:
    """Return about how many minutes the tests of a protocol take, from the catalogue; raises KeyError."""
    return round(sum(CATALOGUE[name].minutes for name in protocol_findings(protocol)))


PROTOCOL_LABELS = (
    (
        Exam.Protocol.CORE,
        f"Core: red flags, gait, hip abduction, dorsiflexion. About {examining_minutes('core')} minutes.",
    ),
    (
        Exam.Protocol.SHORTEST,
        "Shortest: red flags and dorsiflexion, then the next best tests only, until the level is settled.",
    ),
    (
        Exam.Protocol.FULL,
        f"Full: all steps from interview to nerve studies. About {examining_minutes('full')} minutes.",
    ),
)


class PatientForm(forms.Form):
    """Who the patient is. The birth date is typed or picked; an age no patient can have is refused."""

    family_name = forms.CharField(
        label="Family name",
        max_length=80,
        widget=text_input(),
        error_messages={"required": "Type the family name."},
    )
    given_name = forms.CharField(
        label="Given name",
        max_length=80,
        widget=text_input(),
        error_messages={"required": "Type the given name."},
    )
    birth_date = forms.DateField(
        label="Birth date",
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
        input_formats=("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y"),
        error_messages={
            "required": "Type the birth date.",
            "invalid": "Type the birth date like 14 Mar 1961.",
        },
    )
    sex = forms.ChoiceField(
        label="Sex",
        choices=Patient.Sex.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the sex.", "invalid_choice": "Choose the sex from the list."},
    )
    number = forms.CharField(
        label="Patient's number in this clinic",
        max_length=30,
        widget=text_input(),
        error_messages={"required": "Type the patient's number in this clinic."},
    )

    def clean_birth_date(self) -> date:
        """Refuse a day in the future and an age that the catalogue does not know."""
        born: date = self.cleaned_data["birth_date"]
        age = age_at(born, timezone.localdate())
        oldest = CATALOGUE["age"].scale.maximum
        if age < 0 or (oldest is not None and age > oldest):
            message = f"The birth date gives an age outside 0 to {oldest:g} years. Type it again."
            raise forms.ValidationError(message)
        return born


class StartExamForm(SideForm):
    """Which side is affected, and how much is asked; nothing is pre-selected. Sent twice, it starts one."""

    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    protocol = forms.ChoiceField(
        label="How much do you want to examine?",
        choices=PROTOCOL_LABELS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose core, shortest or full.",
            "invalid_choice": "Choose core, shortest or full.",
        },
    )


class ImpressionForm(forms.Form):
    """Where the examiner believes the lesion is, and why, in own words; nothing is pre-selected."""

    site = forms.ChoiceField(
        label="Where do you think the lesion is?",
        choices=SITE_CHOICES,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the level that you think of first, or that you cannot place it.",
            "invalid_choice": "Choose a level from the list.",
        },
    )
    text = forms.CharField(
        label="Your reasons, in your own words",
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )


class SignForm(forms.Form):
    """The examiner's signature: patient confirmed, side chosen anew, password."""

    confirmed_patient = forms.BooleanField(
        label="This is the patient I examined",
        error_messages={"required": "Confirm the patient's name and birth date."},
    )
    confirmed_side = forms.ChoiceField(
        label="Affected side",
        choices=SIDE_LABELS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the affected side again: the patient's LEFT, RIGHT, or both.",
            "invalid_choice": "Choose the affected side again: the patient's LEFT, RIGHT, or both.",
        },
    )
    password = forms.CharField(
        label="Your password",
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
        error_messages={"required": "Type your password: it is your signature."},
    )
