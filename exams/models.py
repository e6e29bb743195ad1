"""The clinical record: patients, exams, answers, opinions, decisions and signed reports."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from clinics.models import PERSON, Clinic


class PatientQuerySet(models.QuerySet["Patient"]):
    """Questions about patients."""

    def of(self, clinic: Clinic) -> Self:
        """Only patients of this clinic."""
        return self.filter(clinic=clinic)

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

    objects: ClassVar[PatientQuerySet] = PatientQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "id"], name="patient_in_clinic"),
            models.UniqueConstraint(fields=["clinic", "number"], name="patient_number_in_clinic"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "family_name", "given_name"], name="patient_by_name"),
            models.Index(fields=["clinic", "birth_date"], name="patient_by_birth_date"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name}, {self.given_name}"


class ExamQuerySet(models.QuerySet["Exam"]):
    """Questions about exams."""

    def of(self, clinic: Clinic) -> Self:
        """Only exams of this clinic."""
        return self.filter(clinic=clinic)

    def drafts(self) -> Self:
        """Exams still being recorded."""
        return self.filter(state=Exam.State.DRAFT)

    def awaiting_review(self) -> Self:
        """Exams signed by the examiner and not yet decided on by a supervisor."""
        return self.filter(state=Exam.State.SUBMITTED)


class Exam(models.Model):
    """One version of one examination; returning an exam opens the next version of its series."""

    class Protocol(models.TextChoices):
        """How much is asked."""

        CORE = "core", "Core: about three minutes"
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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="exams")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="exams")
    series = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField(default=1)
    protocol = models.CharField(max_length=10, choices=Protocol.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    affected_side = models.CharField(max_length=10, choices=Side.choices)
    examiner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="exams")
    started = models.DateTimeField()
    saved = models.DateTimeField()
    submitted = models.DateTimeField(null=True)
    current_step = models.SlugField(max_length=40, blank=True)
    # Grows by one with every saved answer; an answer's own revision is a value of this counter.
    revision = models.PositiveIntegerField(default=0)
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
    def is_draft(self) -> bool:
        """Whether answers may still change."""
        return self.state == self.State.DRAFT


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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="observations")
    finding = models.SlugField(max_length=60)
    side = models.CharField(max_length=5, choices=Side.choices, blank=True, default=Side.NONE)
    # The clinician's token ("4-"), or empty when the finding was not tested.
    token = models.CharField(max_length=40, blank=True)
    not_tested = models.BooleanField(default=False)
    reason = models.SlugField(max_length=40, blank=True)
    confounder = models.SlugField(max_length=40, blank=True)
    count_as = models.CharField(max_length=10, choices=CountAs.choices, blank=True, default=CountAs.UNDECIDED)
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


class RedFlagAction(models.Model):
    """Who acknowledged a red flag, when, and what was done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="red_flag_actions")
    flag = models.SlugField(max_length=60)
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
