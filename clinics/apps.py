"""The clinics app: who works where, and the trail of what was done."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate


class ClinicsConfig(AppConfig):
    """Registers clinics, memberships and the audit trail."""

    name = "clinics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the database guard the trail after every migrate, and check that it does."""
        from clinics.append_only import (  # noqa: PLC0415 - models are loaded by now
            after_migrate,
            before_migrate,
            check_guards,
        )

        pre_migrate.connect(before_migrate, sender=self, dispatch_uid="clinics.append_only")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="clinics.append_only")
        register(check_guards, Tags.database)
