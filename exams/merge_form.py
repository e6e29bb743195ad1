"""What is filled in to merge a duplicate patient, and the two records set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from exams.document.words import day
from exams.models import Exam, Patient
from exams.services.localizing import exam_date
from exams.services.merging import REASON_LENGTH, SAY_WHY

COMPARE, MERGE, UNDO = "compare", "merge", "undo"
NOBODY = "No other record of this clinic has this number. Copy it from the other patient's page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One particular of both records, and whether they differ in it."""

    label: str
    stays: str
    goes: str

    @property
    def differs(self) -> bool:
        """Whether the two records say different things."""
        return self.stays.casefold() != self.goes.casefold()


class MergeForm(forms.Form):
    """Which other record, that both were compared, and why; the number travels by POST only."""

    act = forms.ChoiceField(choices=[(name, name) for name in (COMPARE, MERGE, UNDO)])
    number = forms.CharField(
        label="Number of the other record",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    seen = forms.BooleanField(label="I compared both records: they are of one person", required=False)
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        error_messages={"max_length": SAY_WHY},
    )

    def __init__(self, patient: Patient, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.patient = patient
        self.other: Patient | None = None

    def clean(self) -> dict[str, Any]:
        """Ask for what the act needs: the other record, that it was compared, and the reason."""
        said = self.cleaned_data
        act = said.get("act")
        if act in {COMPARE, MERGE}:
            self._find(str(said.get("number", "")))
        if act == MERGE and not said.get("seen"):
            self.add_error("seen", "Say that you compared both records. Nothing was merged.")
        if act in {MERGE, UNDO} and "reason" in said and not said["reason"].strip():
            self.add_error("reason", SAY_WHY if act == MERGE else "Write why. Nothing was undone.")
        return said

    def _find(self, number: str) -> None:
        found = Patient.objects.of(self.patient.clinic).filter(number=number.strip())
        self.other = found.exclude(pk=self.patient.pk).first()
        if self.other is None:
            self.add_error("number", NOBODY)


def side_by_side(stays: Patient, goes: Patient) -> tuple[Compared, ...]:
    """Return every particular of both records and their exams in words, the one that stays first."""
    pairs = {
        "Family name": (stays.family_name, goes.family_name),
        "Given name": (stays.given_name, goes.given_name),
        "Born": (day(stays.birth_date), day(goes.birth_date)),
        "Sex": (stays.get_sex_display(), goes.get_sex_display()),
        "Number": (stays.number, goes.number),
        "Exams": (_exams(stays), _exams(goes)),
    }
    return tuple(Compared(label=label, stays=one, goes=other) for label, (one, other) in pairs.items())


def _exams(patient: Patient) -> str:
    """Return how many exams stand under the record, with the day and side of each, the latest first."""
    exams = (
        Exam.objects.of(patient.clinic)
        .of_record(patient.pk)
        .select_related("clinic")
        .order_by("-started", "-version")
    )
    told = [f"{day(exam_date(one))}, {one.side_words}, {one.get_state_display().lower()}" for one in exams]
    return "; ".join(told) or "None"
