"""The one search box: patients by name, birth date or the clinic's own number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clinics.models import Clinic
from exams.models import Patient

SHOWN = 50

# A birth date as people type it: 1961-03-14, 14 Mar 1961, 14 March 1961, 14/03/1961, 14.3.1961.
_DATE = re.compile(r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2} [^\W\d]{3,9},? \d{4}|\d{1,2}[./]\d{1,2}[./]\d{4})\b")
_FORMS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y", "%d.%m.%Y")


class PatientSearch(forms.Form):
    """What was typed into the search box; sent by POST, so that no name stands in an address."""

    words = forms.CharField(
        label="Find a patient",
        max_length=120,
        error_messages={
            "required": "Type a name, a birth date or a number.",
            "max_length": "This is longer than any name or number. Nothing was searched; shorten it.",
        },
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "placeholder": "Find a patient: name, birth date or number",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The patients a search found, at most `SHOWN`; `more` says that others match as well."""

    patients: tuple[Patient, ...]
    more: bool


def with_namesakes(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Mark each patient with `has_namesake`: another patient of the clinic bears the same name."""
    return patients.annotate(has_namesake=_same_name())


def has_namesake(patient: Patient) -> bool:
    """Return whether another patient of the clinic bears the same name."""
    return Patient.objects.filter(_same_name(), pk=patient.pk).exists()


def likely_duplicates(patient: Patient) -> list[Patient]:
    """Return the records that may be of the same person: the same name, or the same birth date and sex."""
    same_name = Q(family_name__iexact=patient.family_name, given_name__iexact=patient.given_name)
    same_birth = Q(birth_date=patient.birth_date, sex=patient.sex)
    others = Patient.objects.of(patient.clinic).standing().exclude(pk=patient.pk)
    return list(in_order(others.filter(same_name | same_birth))[:SHOWN])


def _same_name() -> Exists:
    same_name = (
        Patient.objects.standing()
        .filter(
            clinic=OuterRef("clinic"),
            family_name__iexact=OuterRef("family_name"),
            given_name__iexact=OuterRef("given_name"),
        )
        .exclude(pk=OuterRef("pk"))
    )
    return Exists(same_name)


def find_patients(clinic: Clinic, words: str) -> Found:
    """Return the clinic's patients whose names, number or birth date match everything that was typed.

    What a merged record says finds the record that it was merged into.
    """
    matching = Patient.objects.of(clinic)
    for typed in _DATE.findall(words):
        born = birth_date(typed)
        if born is not None:
            matching = matching.filter(birth_date=born)
            words = words.replace(typed, " ")
    matching = matching.matching(words)
    found = Patient.objects.of(clinic).standing().filter(Q(pk__in=matching) | Q(absorbed__in=matching))
    rows = list(in_order(with_namesakes(found.distinct()).prefetch_related("absorbed"))[: SHOWN + 1])
    return Found(patients=tuple(rows[:SHOWN]), more=len(rows) > SHOWN)


def in_order(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Return patients as a card index stands: by name, then birth date, then number."""
    return patients.order_by(F("family_name"), F("given_name"), "birth_date", "number")


def birth_date(typed: str) -> date | None:
    """Return the date that was typed, day before month, or None when the calendar has no such day."""
    plain = typed.replace(",", "")
    for form in _FORMS:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a birth date has no time zone
        except ValueError:
            continue
    return None
