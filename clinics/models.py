"""Clinics, the people who work in them, and the append-only trail of what was done there."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models

from clinics.roles import allows

PERSON = settings.AUTH_USER_MODEL


class Clinic(models.Model):
    """One clinic with the settings that belong to it; every clinical row names its clinic."""

    class PanelMode(models.TextChoices):
        """When the examiner may see the ranked sites."""

        OPEN = "open", "During the exam"
        AFTER_IMPRESSION = "after_impression", "Only after my impression is written"

    class ForceRule(models.TextChoices):
        """What several trials with a dynamometer come to."""

        BEST = "best", "The best of them"
        MEAN = "mean", "Their mean"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    prior_setting = models.CharField(max_length=40, default="physiotherapy_clinic")
    panel_mode = models.CharField(max_length=20, choices=PanelMode.choices, default=PanelMode.OPEN)
    blind_look = models.BooleanField(default=True)
    urgent_pathway = models.TextField(blank=True, default="")
    urgent_telephone = models.CharField(max_length=40, blank=True, default="")
    time_zone = models.CharField(max_length=60, default="Europe/London")
    force_rule = models.CharField(max_length=10, choices=ForceRule.choices, default=ForceRule.BEST)
    # Minutes that a red flag may stand before supervisors are told; None: what `exams/escalation.toml` says.
    flag_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    idle_minutes = models.PositiveSmallIntegerField(default=15)
    retention_years = models.PositiveSmallIntegerField(default=8)
    is_demo = models.BooleanField(default=False)
    # The clinic's own number or numbers, as letters give them; printed on reports as it stands.
    registration = models.CharField(max_length=120, blank=True, default="")
    logo = models.ForeignKey("Logo", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Logo(models.Model):
    """One picture that a clinic put on its reports; reports name it by its digest, so it is kept for good."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="logos")
    digest = models.CharField(max_length=64)
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "digest"], name="one_logo_per_clinic_and_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.digest[:8]}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Questions about who may work where."""

    def current(self) -> MembershipQuerySet:
        """Memberships that still hold, of people who may still sign in."""
        return self.filter(is_active=True, user__is_active=True)


class Membership(models.Model):
    """One person's role in one clinic; `roles.toml` says what each role may do."""

    class Role(models.TextChoices):
        """What a person may do in the clinic."""

        EXAMINER = "examiner", "Examiner"
        STUDENT = "student", "Student"
        SUPERVISOR = "supervisor", "Supervisor"
        CLINIC_ADMIN = "clinic_admin", "Clinic administrator"
        AUDITOR = "auditor", "Auditor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    # Such as “HCPC PH12345”; printed under the person's name where they sign.
    registration = models.CharField(max_length=60, blank=True, default="")

    objects: ClassVar[models.Manager[Membership]] = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "user"], name="one_role_per_person_and_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()} in {self.clinic}"

    @property
    def may_examine(self) -> bool:
        """Whether the person may record and change an exam."""
        return allows(self.role, "examine")

    @property
    def may_sign(self) -> bool:
        """Whether the person may sign as examiner; a student cannot sign alone."""
        return allows(self.role, "sign")

    @property
    def may_supervise(self) -> bool:
        """Whether the person may review and countersign the exams of others."""
        return allows(self.role, "supervise")

    @property
    def may_audit(self) -> bool:
        """Whether the person may read the audit trail, which holds no clinical value."""
        return allows(self.role, "audit")

    @property
    def may_manage(self) -> bool:
        """Whether the person may set how the clinic works and who works in it; it opens no record."""
        return allows(self.role, "manage")

    @property
    def may_read_records(self) -> bool:
        """Whether the person may open clinical records at all."""
        return allows(self.role, "read")


class ChainHead(models.Model):
    """The last link of a clinic's audit chain; locking this row keeps the chain from forking."""

    clinic = models.OneToOneField(Clinic, primary_key=True, on_delete=models.PROTECT, related_name="chain")
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.clinic}: {self.sequence} events"


class AuditEvent(models.Model):
    """One thing that was done or read: append-only, numbered and hash-chained per clinic.

    The row holds a keyed digest of the values; the values themselves stand in `AuditValues`, so
    that a granted erasure removes them and leaves the chain whole.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    user = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=45, blank=True)
    act = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    subject = models.UUIDField(null=True)
    values_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["clinic", "sequence"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "sequence"], name="one_event_per_clinic_and_number"),
            models.UniqueConstraint(fields=["clinic", "previous_hash"], name="audit_chain_never_forks"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "subject", "sequence"], name="audit_by_subject"),
            models.Index(fields=["clinic", "object_id", "sequence"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.act} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the event; a stored event is never changed.

        Raises:
            TypeError: when the event is already in the trail.
        """
        if not self._state.adding:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: the trail only grows."""
        raise TypeError("An audit event is never deleted.")


class SubjectKey(models.Model):
    """The key that seals one patient's values in the trail; deleting it makes them unreadable."""

    subject = models.UUIDField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    key = models.BinaryField(max_length=64)

    def __str__(self) -> str:
        return f"key of {self.subject}"


class AuditValues(models.Model):
    """What an event's values were, sealed under the patient's key beside the chain."""

    event = models.OneToOneField(
        AuditEvent, primary_key=True, on_delete=models.PROTECT, related_name="sealed"
    )
    token = models.BinaryField()

    def __str__(self) -> str:
        return f"values of event {self.event_id}"
