"""How a clinic works, as its administrator sets it."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from django import forms

from clinics.forms import text_input
from clinics.logos import NoLogo, Picture, picture_of
from clinics.models import Clinic
from exams.escalation import limit, minutes_of
from localization import SETTINGS

IDLE_FROM, IDLE_TO = 5, 30
KEPT_FROM, KEPT_TO = 1, 100
TELEPHONE = re.compile(r"[+(]?[\d][\d ()/.-]{2,38}")
YES_NO = (("yes", "Yes: the supervisor looks first, then sees the others"), ("no", "No"))


class SettingsForm(forms.Form):
    """Everything a clinic sets for itself; each help text says what it changes and from when."""

    prior_setting = forms.ChoiceField(
        label="Kind of clinic",
        help_text="How often each level is met where you work. It weighs in every draft from now on.",
        choices=[(one.id, one.label) for one in SETTINGS.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of clinic.", "invalid_choice": "Choose from the list."},
    )
    panel_mode = forms.ChoiceField(
        label="When the localization is shown",
        help_text="Counts for exams that start after you save. The report prints which one was used.",
        choices=Clinic.PanelMode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when it is shown.", "invalid_choice": "Choose from the list."},
    )
    blind_look = forms.ChoiceField(
        label="Does the supervisor give an opinion before seeing the others?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no.", "invalid_choice": "Choose yes or no."},
    )
    urgent_pathway = forms.CharField(
        label="Your urgent pathway, in a sentence or two",
        help_text="Stands beside every red flag, on the screen and on paper.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )
    urgent_telephone = forms.CharField(
        label="Its telephone number",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "type": "tel"}),
    )
    registration = forms.CharField(
        label="Registration number of the clinic",
        help_text="As your letters give it, with the register’s name. Printed on reports from now on.",
        max_length=120,
        required=False,
        widget=text_input(),
    )
    time_zone = forms.CharField(
        label="Time zone",
        help_text="Times on pages and paper are given in it. Such as Europe/London.",
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": "Type a time zone such as Europe/London."},
    )
    force_rule = forms.ChoiceField(
        label="What several trials with a dynamometer come to",
        help_text="Counts for values recorded from now on. The report prints every trial, and which it was.",
        choices=Clinic.ForceRule.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose best or mean.", "invalid_choice": "Choose from the list."},
    )
    flag_minutes = forms.IntegerField(
        label="Minutes until supervisors are told of a red flag that nobody met",
        help_text="Counts from the first finding behind the flag until somebody records who was told.",
        min_value=limit().at_least,
        max_value=limit().at_most,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Type a whole number of minutes from {limit().at_least} to {limit().at_most}.",
        ),
    )
    idle_minutes = forms.IntegerField(
        label="Minutes without anybody at the keys until a person is signed out",
        min_value=IDLE_FROM,
        max_value=IDLE_TO,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Type a whole number of minutes from {IDLE_FROM} to {IDLE_TO}.",
        ),
    )
    retention_years = forms.IntegerField(
        label="Years that records are kept",
        min_value=KEPT_FROM,
        max_value=KEPT_TO,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Type a whole number of years from {KEPT_FROM} to {KEPT_TO}.",
        ),
    )

    def clean_blind_look(self) -> bool:
        """Read the answer as yes or no."""
        return str(self.cleaned_data["blind_look"]) == "yes"

    def clean_time_zone(self) -> str:
        """Refuse a time zone that the clock does not know."""
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone not in available_timezones():
            message = f"{zone} is no time zone. Try Europe/London."
            raise forms.ValidationError(message)
        return zone

    def clean_urgent_telephone(self) -> str:
        """Refuse what nobody can dial."""
        number: str = self.cleaned_data["urgent_telephone"].strip()
        if number and not TELEPHONE.fullmatch(number):
            raise forms.ValidationError("Type a telephone number such as 020 7946 0000.")
        return number


class LogoForm(forms.Form):
    """A logo to be put on reports, as a file; its cleaned value is the picture drawn anew."""

    logo = forms.FileField(
        label="Picture of the logo",
        help_text="PNG or JPEG, at most 1 MB. Transparent parts become white.",
        allow_empty_file=True,  # as damaged as any other file that is no picture
        widget=forms.FileInput(attrs={"class": "form-control", "accept": "image/png,image/jpeg"}),
        error_messages=dict.fromkeys(("required", "missing", "invalid"), "Choose a file with the logo."),
    )

    def clean_logo(self) -> Picture:
        """Refuse what cannot be a logo, in the sentence for it."""
        try:
            return picture_of(self.cleaned_data["logo"])
        except NoLogo as why:
            raise forms.ValidationError(str(why)) from why


def settings_of(clinic: Clinic) -> dict[str, str | int]:
    """Return what the form starts from."""
    started = {name: getattr(clinic, name) for name in SettingsForm.base_fields}
    blind_look = "yes" if clinic.blind_look else "no"
    return {**started, "blind_look": blind_look, "flag_minutes": minutes_of(clinic)}
