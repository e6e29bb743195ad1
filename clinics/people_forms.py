"""What the clinic's administrator fills in about its people."""

from __future__ import annotations

from django import forms

from clinics.forms import text_input
from clinics.models import Membership


class InviteForm(forms.Form):
    """Whom to let in, and as what; nothing is pre-selected."""

    given = forms.CharField(
        label="Given name",
        max_length=80,
        widget=text_input(),
        error_messages={"required": "Type the given name, as reports print it."},
    )
    family = forms.CharField(
        label="Family name",
        max_length=80,
        widget=text_input(),
        error_messages={"required": "Type the family name, as reports print it."},
    )
    email = forms.EmailField(
        label="Email",
        max_length=150,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={
            "required": "Type the address the person signs in with.",
            "invalid": "Type an address like name@clinic.example.",
        },
    )
    registration = forms.CharField(
        label="Professional registration, if any",
        help_text="With the register’s name, such as HCPC PH12345. Printed where the person signs.",
        max_length=60,
        required=False,
        widget=text_input(),
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Membership.Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose a role from the list."},
    )


class SeatForm(forms.Form):
    """A person's role, or whether they may work here at all: whichever button was pressed."""

    role = forms.ChoiceField(choices=Membership.Role.choices, required=False)
    active = forms.ChoiceField(choices=(("yes", "Enable"), ("no", "Disable")), required=False)
    link = forms.BooleanField(required=False)
    registration = forms.CharField(max_length=60, required=False)
