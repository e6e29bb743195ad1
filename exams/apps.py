"""The exams app: patients, exams, answers, reviews and signed reports."""

from __future__ import annotations

from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """Registers the clinical record."""

    name = "exams"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the database keep what is signed as it was signed."""
        from clinics.append_only import protect  # noqa: PLC0415 - models are loaded by now
        from exams.models.guards import GUARDS  # noqa: PLC0415

        protect(self.name, GUARDS)
