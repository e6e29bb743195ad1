"""One examination, and what is done about it as a whole."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from clinics.models import PERSON, Clinic
from exams.models.patients import Patient


class ExamQuerySet(models.QuerySet["Exam"]):
    """Questions about exams."""

    def of(self, clinic: Clinic) -> Self:
        """Only exams of this clinic."""
        return self.filter(clinic=clinic)

    def of_record(self, patient: uuid.UUID | Combinable) -> Self:
        """Exams of a patient and of every record that was merged into the patient's."""
        return self.filter(Q(patient=patient) | Q(patient__merged_into=patient))

    def drafts(self) -> Self:
        """Exams still being recorded."""
        return self.filter(state=Exam.State.DRAFT)

    def signed(self) -> Self:
        """Exams that the examiner signed and that still stand: neither replaced, returned nor void."""
        return self.filter(state__in=SIGNED)

    def awaiting_review(self) -> Self:
        """Exams signed by the examiner and not yet decided on by a supervisor."""
        return self.filter(state=Exam.State.SUBMITTED)


class Exam(models.Model):
    """One version of one examination; returning an exam opens the next version of its series."""

    class Protocol(models.TextChoices):
        """How much is asked."""

        CORE = "core", "Core examination"
        SHORTEST = "shortest", "Shortest: the next best tests only"
        FULL = "full", "Full examination"

    class State(models.TextChoices):
        """Where the exam stands; see `exams.services.states` for who may move it."""

        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Signed by the examiner"
        COUNTERSIGNED = "countersigned", "Countersigned"
        RETURNED = "returned", "Returned"
        SUPERSEDED = "superseded", "Superseded"
        VOID = "void", "Void"
        ERASED = "erased", "Erased"

    class Side(models.TextChoices):
        """The affected side; the tokens of the catalogue's side finding."""

        LEFT = "left", "patient's LEFT"
        RIGHT = "right", "patient's RIGHT"
        BILATERAL = "bilateral", "both sides"

    class Worse(models.TextChoices):
        """Which foot drops more when both do; empty until it is said, or when one side is affected."""

        LEFT = "left", "patient's LEFT"
        RIGHT = "right", "patient's RIGHT"
        ALIKE = "alike", "both alike"

    class Comparison(models.TextChoices):
        """The leg that the examiner compares with; empty stands for the leg that is not affected."""

        LEFT = "left", "patient's LEFT"
        RIGHT = "right", "patient's RIGHT"
        NONE = "none", "neither leg is normal"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="exams")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="exams")
    series = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField(default=1)
    protocol = models.CharField(max_length=10, choices=Protocol.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    affected_side = models.CharField(max_length=10, choices=Side.choices)
    worse_side = models.CharField(max_length=10, choices=Worse.choices, blank=True, default="")
    comparison_side = models.CharField(max_length=10, choices=Comparison.choices, blank=True, default="")
    # Ids of the findings that were opened beyond what the protocol asks, in the order of opening.
    opened = models.JSONField(default=list, blank=True)
    examiner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="exams")
    started = models.DateTimeField()
    saved = models.DateTimeField()
    submitted = models.DateTimeField(null=True)
    current_step = models.SlugField(max_length=40, blank=True)
    # Grows by one with every saved answer; an answer's own revision is a value of this counter.
    revision = models.PositiveIntegerField(default=0)
    # What `revision` was when an answer was last cleared: who has seen that much may answer what is unset.
    cleared_revision = models.PositiveIntegerField(default=0)
    panel_mode = models.CharField(
        max_length=20, choices=Clinic.PanelMode.choices, default=Clinic.PanelMode.OPEN
    )

    objects: ClassVar[ExamQuerySet] = ExamQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "id"], name="exam_in_clinic"),
            models.UniqueConstraint(fields=["clinic", "series", "version"], name="one_exam_per_version"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "state", "submitted"], name="exam_by_state"),
            models.Index(fields=["clinic", "patient", "started"], name="exam_by_patient"),
            models.Index(fields=["clinic", "examiner", "state"], name="exam_by_examiner"),
        ]

    def __str__(self) -> str:
        return f"Exam of {self.patient}, version {self.version}"

    @property
    def side_words(self) -> str:
        """The affected side as lists show it, of two with the worse: “both sides, patient's LEFT worse”."""
        side = str(self.get_affected_side_display())
        if self.affected_side != self.Side.BILATERAL or not self.worse_side:
            return side
        if self.worse_side == self.Worse.ALIKE:
            return f"{side} alike"
        return f"{side}, {self.get_worse_side_display()} worse"

    @property
    def has_no_comparison(self) -> bool:
        """Whether the examiner said that neither leg is normal."""
        return self.comparison_side == self.Comparison.NONE

    @property
    def is_signed(self) -> bool:
        """Whether its examiner signed it and it still stands."""
        return self.state in SIGNED

    @property
    def is_draft(self) -> bool:
        """Whether answers may still change."""
        return self.state == self.State.DRAFT


# The states in which a signature stands.
SIGNED: Final = (Exam.State.SUBMITTED, Exam.State.COUNTERSIGNED)
