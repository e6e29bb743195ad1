"""Chooses the database and, for SQLite, the options under which no acknowledged answer is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import dj_database_url

if TYPE_CHECKING:
    from pathlib import Path

# A write lock taken at BEGIN waits its turn for 20 s; one taken later in a transaction fails at once.
# FULL keeps a committed answer through a power cut.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def database(var: Path) -> dict[str, Any]:
    """Return the settings of the database at DATABASE_URL, by default a SQLite file in `var`."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{var / 'footdrop.sqlite3'}"
    found: dict[str, Any] = {**dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)}
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = SQLITE_OPTIONS
        # A file, because a database in memory has no journal; two runs at once have two.
        found["TEST"] = {"NAME": str(var / f"test-{os.getpid()}.sqlite3")}
    return found
