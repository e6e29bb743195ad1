"""Lets Django empty a test database between tests although the audit trail refuses to be emptied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> Iterator[None]:
    """Take the trail's triggers down for the length of a flush; migrate's signal puts them up again."""
    from django.core.management.commands import flush  # noqa: PLC0415 - the settings are read by now
    from django.db import connections  # noqa: PLC0415

    from clinics.append_only import put_up, take_down  # noqa: PLC0415

    whole = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> Any:
        connection = connections[options["database"]]
        take_down(connection)
        try:
            return whole(self, **options)
        finally:
            put_up(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield


@contextmanager
def unguarded() -> Iterator[None]:
    """Work on the trail as somebody would who owns the database and took its triggers down first."""
    from django.db import connection  # noqa: PLC0415

    from clinics.append_only import put_up, take_down  # noqa: PLC0415

    take_down(connection)
    try:
        yield
    finally:
        put_up(connection)
