"""Tells a database that is full, read-only, busy or gone from every other failure, and answers for it."""

from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from clinics.views.refusals import out_of_reach, something_failed

logger = logging.getLogger(__name__)

# SQLite's primary result codes: busy, locked, read-only, input or output failed, full, cannot be opened.
SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
# PostgreSQL's classes: connection, rolled back for another, resources (disk full), operator, system;
# and two states: read-only, and a lock that was not given.
POSTGRESQL = ("08", "40", "53", "57", "58", "25006", "55P03")


def outage(error: BaseException | None) -> str:
    """Return the database's own name for why it cannot be used just now, or nothing for any other failure."""
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return ""
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return str(getattr(cause, "sqlite_errorname", code)) if code & 0xFF in SQLITE else ""
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return f"SQLSTATE {state}" if state.startswith(POSTGRESQL) else ""
    # Without a state nothing was answered at all: the server could not be reached.
    return type(error).__name__ if isinstance(error, (OperationalError, InterfaceError)) else ""


class OutageMiddleware:
    """Turns an outage of the database into a 503 that says what is kept and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass everything on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an outage; every other exception is left to Django."""
        return _answer(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what failed outside the views: a session that cannot be read, before a save or after it."""
    return _answer(request, sys.exc_info()[1], may_be_saved=True) or something_failed(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be right, or one called so only because its session cannot be written."""
    causes = [exception]
    while isinstance(before := causes[-1].__cause__ or causes[-1].__context__, Exception):
        causes.append(before)
    answers = (_answer(request, cause, may_be_saved=True) for cause in causes if outage(cause))
    return next(answers, None) or defaults.bad_request(request, exception)


def _answer(
    request: HttpRequest, error: BaseException | None, *, may_be_saved: bool = False
) -> HttpResponse | None:
    name = outage(error)
    if not name:
        return None
    logger.error("The database cannot be used: %s", name)
    return out_of_reach(request, may_be_saved=may_be_saved)
