"""Makes the database itself refuse to change the audit trail: triggers on SQLite and on PostgreSQL.

The app never changes an event; these triggers stop what goes past the app, such as a hand at the database's
prompt or a mistaken `QuerySet.update()`. They are put up after every `migrate`, not by one migration, because
SQLite drops a table's triggers whenever a later migration rebuilds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "the audit trail is append-only"
REFUSE = "footdrop_refuse_change"
EVENT, VALUES, HEAD, KEY = (
    "clinics_auditevent",
    "clinics_auditvalues",
    "clinics_chainhead",
    "clinics_subjectkey",
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One statement that one table refuses; with `unless`, only where that condition on OLD and NEW fails."""

    table: str
    statement: str
    unless: str = ""

    @property
    def name(self) -> str:
        """The trigger's name."""
        return f"{self.table}_no_{self.statement.lower()}"


# A patient's key may go (a granted erasure), but never change. The head moves on by one event at a time.
GUARDS = (
    *(Guard(table, statement) for table in (EVENT, VALUES) for statement in ("UPDATE", "DELETE", "TRUNCATE")),
    Guard(HEAD, "UPDATE", "NEW.clinic_id = OLD.clinic_id AND NEW.sequence = OLD.sequence + 1"),
    Guard(HEAD, "DELETE"),
    Guard(HEAD, "TRUNCATE"),
    Guard(KEY, "UPDATE"),
    Guard(KEY, "TRUNCATE"),
)


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger up, whether or not it is there; needs the trail's tables."""
    _run(connection, _going_up(connection.vendor))


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger down: for those who empty a whole database, as a test run does."""
    _run(connection, _going_down(connection.vendor))


def missing(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """Return the names of the triggers that the database lacks."""
    where = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    with connection.cursor() as cursor:
        cursor.execute(where[connection.vendor])
        there = {str(row[0]) for row in cursor.fetchall()}
    return tuple(guard.name for guard in _guards(connection.vendor) if guard.name not in there)


def after_migrate(using: str, **_: Any) -> None:
    """Put the triggers up once the clinics app is migrated; receives Django's post_migrate."""
    put_up(connections[using])


def check_guards(
    app_configs: Sequence[AppConfig] | None = None,  # noqa: ARG001 - Django hands it to every check
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[CheckMessage]:
    """Report triggers that the database lacks; runs with `manage.py check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if EVENT not in connection.introspection.table_names():
            continue  # not migrated yet: the migration puts them up
        if names := missing(connection):
            found.append(
                Error(
                    f"The audit trail in {alias!r} can be changed unseen: it lacks {', '.join(names)}.",
                    hint="Run manage.py migrate, which puts the triggers up again.",
                    id="clinics.E001",
                )
            )
    return found


def _guards(vendor: str) -> tuple[Guard, ...]:
    """Return the guards that a database knows: SQLite has no TRUNCATE."""
    return tuple(guard for guard in GUARDS if vendor != "sqlite" or guard.statement != "TRUNCATE")


def _going_up(vendor: str) -> Iterator[str]:
    yield from _going_down(vendor)
    if vendor == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for guard in _guards(vendor):
        yield _on_sqlite(guard) if vendor == "sqlite" else _on_postgresql(guard)


def _going_down(vendor: str) -> Iterator[str]:
    if vendor == "postgresql":
        # A trigger cannot go while rows written in this transaction still wait for their deferred checks.
        yield "SET CONSTRAINTS ALL IMMEDIATE"
    for guard in _guards(vendor):
        on_table = "" if vendor == "sqlite" else f" ON {guard.table}"
        yield f"DROP TRIGGER IF EXISTS {guard.name}{on_table}"
    if vendor == "postgresql":
        yield "SET CONSTRAINTS ALL DEFERRED"


def _on_sqlite(guard: Guard) -> str:
    when = f" WHEN NOT ({guard.unless})" if guard.unless else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.statement} ON {guard.table} FOR EACH ROW{when} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def _on_postgresql(guard: Guard) -> str:
    each = "STATEMENT" if guard.statement == "TRUNCATE" else "ROW"
    when = f" WHEN (NOT ({guard.unless}))" if guard.unless else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.statement} ON {guard.table} FOR EACH {each}{when} "
        f"EXECUTE FUNCTION {REFUSE}()"
    )


def _run(connection: BaseDatabaseWrapper, statements: Iterator[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
