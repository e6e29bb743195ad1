"""Reads, changes and adds one row by a statement that is written once, not anew for each row.

Only for what happens at every answer: there Django spends more time on writing its statements than the
database on carrying them out (docs/decisions/0013). Everything else asks the models' managers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.utils import DEFAULT_DB_ALIAS

if TYPE_CHECKING:
    from django.db.models.expressions import Col

Row = TypeVar("Row", bound=Model)
# Takes a value as the database gave it, its column and the connection.
Converter: TypeAlias = Callable[[Any, "Col", BaseDatabaseWrapper], Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A SELECT of one row: its statement, the model's attributes in its order, and which of them to convert.

    A column is converted where the database keeps another shape than the model: an identifier as text, say.
    The converters are those of the connection that came first: all of one kind convert alike.
    """

    statement: str
    names: tuple[str, ...]
    converted: tuple[tuple[int, Col, tuple[Converter, ...]], ...]


def one_row(model: type[Row], at: Mapping[str, Any], *, locked: bool = False) -> Row | None:
    """Return the row that has these values, or None.

    Args:
        model: whose row is asked.
        at: values by the names of their fields; together they tell one row from all others. None is no value.
        locked: whether nobody else gets hold of the row until the transaction ends.

    Raises:
        TransactionManagementError: when a row is to be locked and no transaction is open.
    """
    connection = _here()
    if locked and not connection.in_atomic_block:
        message = "A row is locked until its transaction ends, and none is open."
        raise transaction.TransactionManagementError(message)
    reading = _reading(connection.vendor, model, tuple(at), locked)
    with connection.cursor() as cursor:
        cursor.execute(reading.statement, _values(connection, model, at))
        found = cursor.fetchone()
    if found is None:
        return None
    values = list(found)
    for index, column, converters in reading.converted:
        for convert in converters:
            values[index] = convert(values[index], column, connection)
    return model.from_db(connection.alias, reading.names, values)


def change_rows(model: type[Model], at: Mapping[str, Any], to: Mapping[str, Any]) -> int:
    """Give the rows that have the values `at` the values `to`; returns how many rows that were."""
    connection = _here()
    statement = _change(connection.vendor, model, tuple(at), tuple(to))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(connection, model, to), *_values(connection, model, at)])
        return int(cursor.rowcount)


def add_row(row: Row) -> Row:
    """Insert a row as it is; a key that the database gives is set in it. The model's `save` is not called."""
    connection = _here()
    model = type(row)
    key = model._meta.pk
    given = row.pk is not None
    fields = _fields(model) if given else tuple(field for field in _fields(model) if field is not key)
    with connection.cursor() as cursor:
        cursor.execute(
            _addition(connection.vendor, model, given),
            [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields],
        )
        if not given:
            (row.pk,) = cursor.fetchone()
    row._state.adding = False
    row._state.db = connection.alias
    return row


# The written statements are kept for each kind of database: the two quote and lock in their own ways.


@cache
def _reading(_vendor: str, model: type[Model], at: tuple[str, ...], locked: bool) -> Reading:
    connection = _here()
    fields = _fields(model)
    columns = [field.get_col(model._meta.db_table) for field in fields]
    can_lock = connection.features.has_select_for_update
    lock = f" {connection.ops.for_update_sql()}" if locked and can_lock else ""
    return Reading(
        statement=f"SELECT {_listed(fields)} FROM {_table(model)} WHERE {_equal(model, at, ' AND ')}{lock}",
        names=tuple(field.attname for field in fields),
        converted=tuple(
            (index, column, converters)
            for index, column in enumerate(columns)
            if (converters := _converters(connection, column))
        ),
    )


@cache
def _change(_vendor: str, model: type[Model], at: tuple[str, ...], to: tuple[str, ...]) -> str:
    return f"UPDATE {_table(model)} SET {_equal(model, to, ', ')} WHERE {_equal(model, at, ' AND ')}"


@cache
def _addition(_vendor: str, model: type[Model], given: bool) -> str:
    key = model._meta.pk
    fields = [field for field in _fields(model) if given or field is not key]
    holes = ", ".join(["%s"] * len(fields))
    told = "" if given else f" RETURNING {_listed([key])}"
    return f"INSERT INTO {_table(model)} ({_listed(fields)}) VALUES ({holes}){told}"


def _here() -> BaseDatabaseWrapper:
    """Return this thread's connection itself: the one that Django names looks it up at every touch."""
    return connections[DEFAULT_DB_ALIAS]


def _converters(connection: BaseDatabaseWrapper, column: Col) -> tuple[Converter, ...]:
    """Return what turns a column's value into the model's, as Django does for its own queries."""
    return (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))


def _fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return model._meta.concrete_fields


def _column(field: Field[Any, Any]) -> str:
    return _here().ops.quote_name(str(field.column))


@cache
def _field(model: type[Model], name: str) -> Field[Any, Any]:
    """Return a field by its name, by its attribute or as "pk"."""
    fields = _fields(model)
    return next(
        field
        for field in fields
        if name in {field.name, field.attname} or (name == "pk" and field.primary_key)
    )


def _values(connection: BaseDatabaseWrapper, model: type[Model], named: Mapping[str, Any]) -> list[Any]:
    """Return values as the database takes them."""
    return [_field(model, name).get_db_prep_value(value, connection) for name, value in named.items()]


def _table(model: type[Model]) -> str:
    return _here().ops.quote_name(model._meta.db_table)


def _listed(fields: Iterable[Field[Any, Any]]) -> str:
    return ", ".join(_column(field) for field in fields)


def _equal(model: type[Model], names: Iterable[str], between: str) -> str:
    return between.join(f"{_column(_field(model, name))} = %s" for name in names)
