"""What was done about red flags and about the caution for brain or cord."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from clinics.models import PERSON, Clinic
from exams.models.exam import Exam
from exams.telling import whom


class RedFlagAction(models.Model):
    """Who acknowledged a red flag and when, who was told of it and when, and what was agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="red_flag_actions")
    flag = models.SlugField(max_length=60)
    # Whom the examiner told: an id of `exams/telling.toml`; empty in records older than the question.
    told = models.SlugField(max_length=40, blank=True, default="")
    told_at = models.DateTimeField(null=True)
    # What was agreed, in the examiner's words.
    action = models.CharField(max_length=500)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "exam"], name="flag_action_by_exam")
        ]

    def __str__(self) -> str:
        return f"{self.flag}: {self.action}"

    @property
    def whom(self) -> str:
        """Who was told, as it stands inside a sentence; empty in records older than the question."""
        return whom(self.told) if self.told else ""


class TripwireClosure(models.Model):
    """A supervisor closed the caution about brain or cord of one exam, with the reason; it never reopens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.OneToOneField(Exam, on_delete=models.PROTECT, related_name="tripwire_closure")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.exam}: {self.reason}"
