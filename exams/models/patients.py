"""The person who is examined."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from clinics.models import Clinic


class PatientQuerySet(models.QuerySet["Patient"]):
    """Questions about patients."""

    def of(self, clinic: Clinic) -> Self:
        """Only patients of this clinic."""
        return self.filter(clinic=clinic)

    def standing(self) -> Self:
        """Only records that stand for themselves: those merged into another are found under that one."""
        return self.filter(merged_into__isnull=True)

    def matching(self, words: str) -> Self:
        """Patients whose names or number contain every one of the words."""
        found = self
        for word in words.replace(",", " ").split():
            found = found.filter(
                Q(family_name__icontains=word) | Q(given_name__icontains=word) | Q(number__iexact=word)
            )
        return found


class Patient(models.Model):
    """A person examined in one clinic."""

    class Sex(models.TextChoices):
        """The tokens of the catalogue's sex finding."""

        FEMALE = "female", "Female"
        MALE = "male", "Male"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    family_name = models.CharField(max_length=80)
    given_name = models.CharField(max_length=80)
    birth_date = models.DateField()
    sex = models.CharField(max_length=10, choices=Sex.choices)
    number = models.CharField("clinic's number", max_length=30)
    # The record of the same person that stays; None for a record that stands for itself. Never a chain.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed"
    )

    objects: ClassVar[PatientQuerySet] = PatientQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "id"], name="patient_in_clinic"),
            models.UniqueConstraint(fields=["clinic", "number"], name="patient_number_in_clinic"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="not_merged_into_itself"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "family_name", "given_name"], name="patient_by_name"),
            models.Index(fields=["clinic", "birth_date"], name="patient_by_birth_date"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name}, {self.given_name}"
