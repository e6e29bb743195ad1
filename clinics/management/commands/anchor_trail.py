"""Writes down how far each clinic's trail has got, to be kept where this server cannot change it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from clinics.anchors import new_anchors


class Command(BaseCommand):
    """`manage.py anchor_trail >> anchors.jsonl`: one line a clinic, kept off this server."""

    help = "Print one line per clinic that proves how far its audit trail has got. Keep it off this server."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the anchors."""
        for anchor in new_anchors():
            self.stdout.write(anchor.line)
