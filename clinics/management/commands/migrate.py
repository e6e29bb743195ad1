"""Migrates a database that lacks triggers too, though one of the checks Django makes first asks for them."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate


class Command(migrate.Command):
    """`manage.py migrate`: as Django's, but what it puts up itself is not asked for before it runs."""

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """Ask every check but those of a database: the triggers go up after the migrations."""
        return {**super().get_check_kwargs(options), "databases": None}
