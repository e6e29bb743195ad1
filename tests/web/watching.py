"""Watches what one request writes, and undoes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

WRITING = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
# What a request may leave behind without having changed a record.
TRACES = {
    "cache",  # where the throttle counts
    "clinics_auditevent",
    "clinics_auditvalues",
    "clinics_chainhead",
    "clinics_subjectkey",
    "django_session",
}


@dataclass(slots=True)
class Written:
    """The tables that a request wrote to, and how often it told the trail of a refusal."""

    tables: set[str] = field(default_factory=set)
    refusals: int = 0

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITING.match(sql)
        if found:
            self.tables.add(found[1])
            self.refusals += found[1] == "clinics_auditevent" and "page.refused" in (params or ())
        return execute(sql, params, many, context)

    @property
    def records(self) -> set[str]:
        """The tables that are not the trail."""
        return self.tables - TRACES


@contextmanager
def undone() -> Iterator[Written]:
    """Watch what one cell writes, and undo it before the next is sent."""
    written = Written()
    with transaction.atomic():
        with connection.execute_wrapper(written.watch):
            yield written
        transaction.set_rollback(True)
