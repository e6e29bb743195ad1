"""That two records were found to be of one person, or that this was taken back."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from clinics.models import PERSON, Clinic
from exams.models.patients import Patient


class PatientMerge(models.Model):
    """A supervisor put the record of one patient under another's, or took that back, with the reason."""

    class Kind(models.TextChoices):
        """What was done."""

        MERGED = "merged", "Merged"
        UNDONE = "undone", "Merge undone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    # The record that was put under the other's.
    source = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges")
    target = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_taken_in")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "source"], name="merge_by_source"),
            models.Index(fields=["clinic", "target"], name="merge_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"
