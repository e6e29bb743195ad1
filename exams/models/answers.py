"""What was found, answer by answer, and which requests have already been answered."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from clinics.models import PERSON, Clinic
from exams.models.exam import Exam


class Observation(models.Model):
    """What was found for one finding on one side, as the clinician recorded it; unset is no row."""

    class Side(models.TextChoices):
        """Which leg; the empty token marks a finding that has no side."""

        NONE = "", "not sided"
        LEFT = "left", "patient's LEFT"
        RIGHT = "right", "patient's RIGHT"

    class CountAs(models.TextChoices):
        """How a confounded grade enters the localization; undecided counts as ignore."""

        UNDECIDED = "", "not decided"
        WEAK = "weak", "weak"
        NORMAL = "normal", "normal"
        IGNORE = "ignore", "ignore"

    class Guard(models.TextChoices):
        """What the examiner said to the question that would falsify the value; empty until answered."""

        UNANSWERED = "", "not answered"
        HELD = "held", "technique as described"
        NOT_HELD = "not_held", "technique not as described"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="observations")
    finding = models.SlugField(max_length=60)
    side = models.CharField(max_length=5, choices=Side.choices, blank=True, default=Side.NONE)
    # The clinician's token ("4-"), or empty when the finding was not tested.
    token = models.CharField(max_length=40, blank=True)
    # The trials behind a measured force and what was made of them, such as "best 112 118 109"; empty for one.
    trials = models.CharField(max_length=60, blank=True, default="")
    not_tested = models.BooleanField(default=False)
    reason = models.SlugField(max_length=40, blank=True)
    confounder = models.SlugField(max_length=40, blank=True)
    count_as = models.CharField(max_length=10, choices=CountAs.choices, blank=True, default=CountAs.UNDECIDED)
    guard = models.CharField(max_length=10, choices=Guard.choices, blank=True, default=Guard.UNANSWERED)
    modality = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    recorded = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["clinic", "exam", "finding", "side"], name="one_answer_per_finding_and_side"
            ),
            models.CheckConstraint(
                condition=Q(not_tested=True, token="") | (Q(not_tested=False) & ~Q(token="")),
                name="answer_is_a_token_or_not_tested",
            ),
            models.CheckConstraint(
                condition=Q(not_tested=True) | Q(reason=""), name="reason_only_when_not_tested"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding} {self.side or 'unsided'}: {self.token or 'not tested'}"


class SavedRequest(models.Model):
    """The outcome of an autosave by its idempotency key, so that a retry has one effect."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    body_digest = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "exam", "user", "key"], name="one_effect_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} at revision {self.revision}"
