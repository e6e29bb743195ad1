"""The exams app: patients, exams, answers, reviews and signed reports."""

from __future__ import annotations

from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """Registers the clinical record."""

    name = "exams"
    default_auto_field = "django.db.models.BigAutoField"
