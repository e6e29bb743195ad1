"""Makes the database itself refuse to change what must not change: triggers on SQLite and on PostgreSQL.

The app never changes an event of the trail; these triggers stop what goes past the app, such as a hand at the
database's prompt or a mistaken `QuerySet.update()`. Another app adds its own guards with `protect`. They are
put up after every `migrate`, not by one migration, because SQLite drops a table's triggers whenever a later
migration rebuilds it.
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
LOGO_KEPT = "a logo that reports may name is kept"
EVENT, VALUES, HEAD, KEY, LOGO = (
    "clinics_auditevent",
    "clinics_auditvalues",
    "clinics_chainhead",
    "clinics_subjectkey",
    "clinics_logo",
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One statement that one table refuses; with `unless`, only where that condition on OLD and NEW fails.

    `message` is what the database says. `looks_elsewhere` tells that the condition reads another table.
    """

    table: str
    statement: str
    unless: str = ""
    message: str = MESSAGE
    looks_elsewhere: bool = False

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
LOGO_GUARDS = tuple(Guard(LOGO, said, message=LOGO_KEPT) for said in ("UPDATE", "DELETE", "TRUNCATE"))
_PROTECTED: dict[str, tuple[Guard, ...]] = {"clinics": (*GUARDS, *LOGO_GUARDS)}


def protect(app: str, guards: tuple[Guard, ...]) -> None:
    """Have these guards put up and looked after as well; called once by an app when it is ready."""
    _PROTECTED[app] = guards


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger up, whether or not it is there; a table that is not there yet has none."""
    _run(connection, _going_up(connection.vendor, _guards(connection)))


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger down: for those who empty a whole database, as a test run does."""
    _run(connection, _going_down(connection.vendor, _guards(connection)))


def missing(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """Return the names of the triggers that the database lacks."""
    where = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    with connection.cursor() as cursor:
        cursor.execute(where[connection.vendor])
        there = {str(row[0]) for row in cursor.fetchall()}
    return tuple(guard.name for guard in _guards(connection) if guard.name not in there)


def before_migrate(using: str, **_: Any) -> None:
    """Take down what would stop SQLite from rebuilding a table; receives Django's pre_migrate.

    SQLite renames no table while a trigger of another one names it. `after_migrate` puts them up again.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        across = tuple(guard for guard in _guards(connection) if guard.looks_elsewhere)
        _run(connection, _going_down(connection.vendor, across))


def after_migrate(using: str, **_: Any) -> None:
    """Put the triggers up once the clinics app is migrated; receives Django's post_migrate."""
    put_up(connections[using])


def check_guards(
    app_configs: Sequence[AppConfig] | None = None,  # noqa: ARG001 - Django hands it to every check
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[CheckMessage]:
    """Report triggers that the database lacks; runs with `manage.py check --database default`."""
    # Tables that are not there yet lack nothing: the migration that makes them puts their triggers up.
    lacking = ((alias, missing(connections[alias])) for alias in databases or ())
    return [
        Error(
            f"The audit trail or a signed record in {alias!r} can be changed unseen: "
            f"it lacks {', '.join(names)}.",
            hint="Run manage.py migrate, which puts the triggers up again.",
            id="clinics.E001",
        )
        for alias, names in lacking
        if names
    ]


def _guards(connection: BaseDatabaseWrapper) -> tuple[Guard, ...]:
    """Return the guards of the tables that are there; SQLite has no TRUNCATE."""
    there = set(connection.introspection.table_names())
    return tuple(
        guard
        for guards in _PROTECTED.values()
        for guard in guards
        if guard.table in there and (connection.vendor != "sqlite" or guard.statement != "TRUNCATE")
    )


def _going_up(vendor: str, guards: Sequence[Guard]) -> Iterator[str]:
    yield from _going_down(vendor, guards)
    if vendor == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for guard in guards:
        yield from _on_sqlite(guard) if vendor == "sqlite" else _on_postgresql(guard)


def _going_down(vendor: str, guards: Sequence[Guard]) -> Iterator[str]:
    if vendor == "postgresql":
        # A trigger cannot go while rows written in this transaction still wait for their deferred checks.
        yield "SET CONSTRAINTS ALL IMMEDIATE"
    for guard in guards:
        on_table = "" if vendor == "sqlite" else f" ON {guard.table}"
        yield f"DROP TRIGGER IF EXISTS {guard.name}{on_table}"
    if vendor == "postgresql":
        yield "SET CONSTRAINTS ALL DEFERRED"


def _on_sqlite(guard: Guard) -> Iterator[str]:
    # SQLite's own spelling of “the same, or both null” is older than the standard's.
    allowed = guard.unless.replace("IS NOT DISTINCT FROM", "IS")
    when = f" WHEN NOT ({allowed})" if allowed else ""
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.statement} ON {guard.table} FOR EACH ROW{when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _on_postgresql(guard: Guard) -> Iterator[str]:
    each = "STATEMENT" if guard.statement == "TRUNCATE" else "ROW"
    called, when = REFUSE, f" WHEN (NOT ({guard.unless}))" if guard.unless else ""
    if guard.looks_elsewhere:
        # The WHEN of a trigger may read no table, a function may.
        called, when = guard.name, ""
        back = "OLD" if guard.statement == "DELETE" else "NEW"
        yield (
            f"CREATE OR REPLACE FUNCTION {called}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NOT ({guard.unless}) THEN RAISE EXCEPTION '%', TG_ARGV[0] "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {back}; END $$"
        )
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.statement} ON {guard.table} FOR EACH {each}{when} "
        f"EXECUTE FUNCTION {called}('{guard.message}')"
    )


def _run(connection: BaseDatabaseWrapper, statements: Iterator[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
