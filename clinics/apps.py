"""The clinics app: who works where, and the trail of what was done."""

from __future__ import annotations

from django.apps import AppConfig


class ClinicsConfig(AppConfig):
    """Registers clinics, memberships and the audit trail."""

    name = "clinics"
    default_auto_field = "django.db.models.BigAutoField"
