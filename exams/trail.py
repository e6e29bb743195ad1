"""The clinic's audit trail as the auditor reads it: filtered, newest first, without clinical values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from clinics.models import AuditEvent, Clinic, Membership
from exams.models import Patient

FILE = Path(__file__).with_name("acts.toml")
ANY = ("", "Any")
PER_BATCH = 1000
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")
NO_PATIENT = "No patient of this clinic has this number. Copy it from the patient's page."


@dataclass(frozen=True, slots=True)
class Acts:
    """The words for every act, and the groups of acts to filter by."""

    groups: Mapping[str, str]
    words: Mapping[str, str]
    of_group: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event in words; `patient` is the clinic's own number, empty for an act about nobody."""

    sequence: int
    at: datetime
    who: str
    role: str
    act: str
    patient: str
    address: str


class TrailFilter(forms.Form):
    """What to show of the trail. Sent by POST, so that no patient's number stands in an address."""

    person = forms.ChoiceField(label="Who", required=False)
    group = forms.ChoiceField(label="What", required=False)
    patient = forms.CharField(label="Patient's number", required=False, max_length=30)
    first = forms.DateField(label="From", required=False, input_formats=DAY_FORMATS)
    last = forms.DateField(label="Until, and with", required=False, input_formats=DAY_FORMATS)

    def __init__(self, clinic: Clinic, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.clinic = clinic
        people = User.objects.filter(memberships__clinic=clinic).order_by("last_name", "first_name", "pk")
        names = [(str(one.pk), one.get_full_name() or one.get_username()) for one in people]
        self._choices("person", [ANY, *names])
        self._choices("group", [ANY, *acts().groups.items()])
        for name in ("first", "last"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name].error_messages["invalid"] = "Type the day like 14 Mar 2026."
        for field in self.fields.values():
            is_list = isinstance(field, forms.ChoiceField)
            field.widget.attrs.update({"class": "form-select" if is_list else "form-control"})
            field.widget.attrs["autocomplete"] = "off"

    def clean_patient(self) -> str:
        """Refuse a number that no patient of the clinic has: an empty list would read as “nobody looked”."""
        number: str = self.cleaned_data["patient"].strip()
        if number and self._patient(number) is None:
            raise forms.ValidationError(NO_PATIENT)
        return number

    def events(self) -> QuerySet[AuditEvent]:
        """Return the events that were asked for, newest first; everything while nothing was asked."""
        found = AuditEvent.objects.filter(clinic=self.clinic).select_related("user").order_by("-sequence")
        return found.filter(**self._conditions()) if self.is_bound else found

    def said(self) -> dict[str, str]:
        """Return what was asked for, as the trail records it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def _conditions(self) -> dict[str, Any]:
        asked = self.cleaned_data
        zone = ZoneInfo(self.clinic.time_zone)
        wanted: dict[str, Any] = {}
        if asked["person"]:
            wanted["user_id"] = asked["person"]
        if asked["group"]:
            wanted["act__in"] = acts().of_group[asked["group"]]
        if asked["patient"]:
            patient = self._patient(asked["patient"])
            # What was done to a record before it was merged is about the same person.
            same = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient)) if patient else ()
            wanted["subject__in"] = [one.pk for one in same]
        if asked["first"]:
            wanted["at__gte"] = _midnight(asked["first"], zone)
        if asked["last"]:
            wanted["at__lt"] = _midnight(asked["last"] + timedelta(days=1), zone)
        return wanted

    def _patient(self, number: str) -> Patient | None:
        return Patient.objects.of(self.clinic).filter(number=number).first()

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


@cache
def acts() -> Acts:
    """Return the acts' words and groups."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    groups: dict[str, str] = table.pop("group")
    words = {act: said for group in groups for act, said in table[group].items()}
    return Acts(groups=groups, words=words, of_group={group: tuple(table[group]) for group in groups})


def lines(clinic: Clinic, events: list[AuditEvent]) -> Iterator[Line]:
    """Yield events in words, with the patients' numbers read at once."""
    subjects = {event.subject for event in events if event.subject}
    patients = Patient.objects.of(clinic).filter(pk__in=subjects)
    numbers = dict(patients.values_list("pk", "number"))
    roles = dict(Membership.Role.choices)
    for event in events:
        yield Line(
            sequence=event.sequence,
            at=event.at,
            who=(event.user.get_full_name() or event.user.get_username()) if event.user else "",
            role=roles.get(event.role, event.role),
            act=acts().words.get(event.act, event.act),
            patient=numbers.get(event.subject, "") if event.subject else "",
            address=event.address,
        )


def in_batches(events: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """Yield events a thousand at a time, so that a trail of any length can be written out."""
    rest = events.iterator(PER_BATCH)
    while batch := list(islice(rest, PER_BATCH)):
        yield batch


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
