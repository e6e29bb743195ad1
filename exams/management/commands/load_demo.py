"""Fills an empty demonstration with invented people, patients and exams, and prints how to sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from exams.demo.loading import fill, may_fill, sign_ins


class Command(BaseCommand):
    """`manage.py load_demo`: does nothing the second time, and refuses anywhere but in a demonstration."""

    help = "Load invented clinics, people, patients and exams; only where FOOTDROP_DEMO is set."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction, then print the sign-ins."""
        if not settings.DEMO:
            raise CommandError("Nothing was loaded: this is no demonstration. Set FOOTDROP_DEMO=1 for one.")
        with transaction.atomic():
            if not may_fill():
                raise CommandError(
                    "Nothing was loaded: this database holds a clinic that is no demonstration. "
                    "Start the demonstration on an empty database."
                )
            fill()
        self.stdout.write("Demo: invented people only. Enter no real patient here.")
        for line in sign_ins():
            self.stdout.write(line)
