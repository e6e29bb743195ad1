"""What people concluded, decided and signed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from clinics.models import PERSON, Clinic
from exams.models.exam import Exam


class Opinion(models.Model):
    """Where the examiner or a supervisor believes the lesion is, in their own words."""

    class Voice(models.TextChoices):
        """Whose opinion it is."""

        EXAMINER = "examiner", "Examiner's own impression"
        SUPERVISOR = "supervisor", "Supervisor's own look"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="opinions")
    voice = models.CharField(max_length=12, choices=Voice.choices)
    author = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    # A site of the vocabulary; empty when the author does not place the lesion.
    site = models.SlugField(max_length=40, blank=True)
    text = models.TextField(max_length=2000, blank=True)
    answer_in_view = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["clinic", "exam", "voice", "author"], name="one_opinion_per_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_voice_display()}: {self.site or 'not placed'}"


class Decision(models.Model):
    """What a supervisor decided about a submitted exam."""

    class Outcome(models.TextChoices):
        """The supervisor's answer to the report."""

        AGREE = "agree", "Agrees with the level shown"
        DISAGREE = "disagree", "Does not agree with the level shown"
        RETURNED = "returned", "Returned to the examiner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.OneToOneField(Exam, on_delete=models.PROTECT, related_name="decision")
    supervisor = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    # The supervisor's own conclusion, required when disagreeing.
    site = models.SlugField(max_length=40, blank=True)
    comment = models.TextField(max_length=2000, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.exam}: {self.outcome}"


class SignedReport(models.Model):
    """The report as it was signed: canonical document, its hash and the PDF; never recomputed."""

    class Meaning(models.TextChoices):
        """What the signature says."""

        EXAMINED = "examined", "Examined by"
        AGREED = "agreed", "Reviewed and agreed by"
        DISAGREED = "disagreed", "Reviewed, disagrees:"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="signed_reports")
    meaning = models.CharField(max_length=12, choices=Meaning.choices)
    signed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField()
    # Canonical JSON text: the hash is over exactly these characters.
    document = models.TextField()
    hash = models.CharField(max_length=64)
    pdf = models.BinaryField()
    # SHA-256 over the PDF's bytes, so that a changed paper shows.
    pdf_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    knowledge_digest = models.CharField(max_length=64)
    template_version = models.CharField(max_length=20)

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["clinic", "exam", "signed_by", "meaning"], name="one_signature_per_meaning"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_meaning_display()} {self.signed_by} {self.at:%Y-%m-%d %H:%M}"
