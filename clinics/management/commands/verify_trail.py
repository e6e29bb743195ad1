"""Verifies every clinic's audit trail and names the first event that does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS

from clinics.anchors import Anchor, AnchorError, read_anchors, verify_trail
from clinics.append_only import check_guards
from clinics.models import Clinic


class Command(BaseCommand):
    """`manage.py verify_trail --anchors anchors.jsonl`: fails when anything was changed or is gone."""

    help = "Verify the audit trail of every clinic; with --anchors also that its end was not cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file of anchors."""
        parser.add_argument("--anchors", type=Path, help="the file that anchor_trail's lines were kept in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per clinic; raise CommandError when a trail does not hold."""
        anchors = _anchors(options["anchors"])
        broken = 0
        for error in check_guards(databases=[DEFAULT_DB_ALIAS]):
            broken += 1
            self.stdout.write(f"{error.msg} {error.hint}")
        for clinic in Clinic.objects.order_by("name"):
            verdict = verify_trail(clinic, anchors)
            told = f"{clinic.name}: {verdict.events} events, {verdict.anchors} anchors"
            if verdict.broken_at is None:
                self.stdout.write(f"{told}; whole.")
            else:
                broken += 1
                self.stdout.write(f"{told}; BROKEN at event {verdict.broken_at}.")
        if broken:
            message = f"{broken} of the above do not hold. Keep the database as it is and find out why."
            raise CommandError(message)


def _anchors(file: Path | None) -> tuple[Anchor, ...]:
    if file is None:
        return ()
    try:
        return read_anchors(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError, AnchorError) as error:
        message = f"Nothing was verified. {file}: {error}"
        raise CommandError(message) from error
