"""What was done to an exam as a whole, and said about it, beside its answers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from clinics.models import PERSON, Clinic
from exams.models.exam import Exam


class Remark(models.Model):
    """Why a version was opened, an exam voided or handed over, or what was added later; never changed."""

    class Kind(models.TextChoices):
        """What the remark goes with."""

        AMENDED = "amended", "Amended"
        ADDENDUM = "addendum", "Added later"
        VOIDED = "voided", "Made void"
        HANDED_OVER = "handed_over", "Handed over"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(max_length=2000)
    # To whom a draft was handed over; empty for any other kind.
    to = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "exam"], name="remark_by_exam")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
