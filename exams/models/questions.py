"""What a supervisor asked about single values, and what came back."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from clinics.models import PERSON, Clinic
from exams.models.exam import Exam


class QuestionEntry(models.Model):
    """One thing said about one recorded value; entries of one thread follow each other and never change.

    A thread belongs to a series of versions: it is asked of one version and answered in the next.
    """

    class Kind(models.TextChoices):
        """What the entry does to its thread."""

        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"
        VERIFIED = "verified", "Verified"

    class Category(models.TextChoices):
        """How the examiner answers."""

        AS_RECORDED = "as_recorded", "It is as recorded"
        SLIP = "slip", "A slip when recording: corrected now"
        TESTED_AGAIN = "tested_again", "Tested again: the new value is recorded"
        NOT_POSSIBLE = "not_possible", "Could not be tested again"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    thread = models.UUIDField()
    series = models.UUIDField()
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    finding = models.SlugField(max_length=60)
    side = models.CharField(max_length=5, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    category = models.CharField(max_length=12, choices=Category.choices, blank=True)
    text = models.CharField(max_length=500, blank=True)
    # The value as it stood in the exam when this was said, in words.
    value = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "series"], name="question_by_series")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.finding} {self.side}"
