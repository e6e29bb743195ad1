"""Ends a session that nobody used for the clinic's idle limit, or that is twelve hours old."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout

if TYPE_CHECKING:
    from django.http import HttpRequest

SIGNED_IN = "signed_in_at"
LAST_ACT = "last_act_at"
IDLE_MINUTES = "idle_minutes"
# Sent by scripts with requests that no person caused: they must not keep a session alive.
BACKGROUND_HEADER = "Footdrop-Background"
DEFAULT_IDLE_MINUTES = 15
# Not every request writes to the session's row; the idle limit is exact to this many seconds.
RESOLUTION = 15


def begin(request: HttpRequest) -> None:
    """Start both clocks; called when somebody has just signed in."""
    request.session[SIGNED_IN] = request.session[LAST_ACT] = int(time.time())


def end_if_over(request: HttpRequest) -> None:
    """End the session when one of its limits has passed; count the request as a person's act when not."""
    now = time.time()
    if SIGNED_IN not in request.session:
        begin(request)
    idle = now - request.session[LAST_ACT]
    if now > _ends_at(request):
        end(request)
    elif idle >= RESOLUTION and BACKGROUND_HEADER not in request.headers:
        request.session[LAST_ACT] = int(now)


def seconds_left(request: HttpRequest) -> int:
    """Return after how many whole seconds without use the session ends; 0 when nobody is signed in."""
    return max(0, int(_ends_at(request) - time.time())) if SIGNED_IN in request.session else 0


def _ends_at(request: HttpRequest) -> float:
    """Return the Unix time of whichever limit comes first, as far as is known now."""
    idle_limit = 60 * request.session.get(IDLE_MINUTES, DEFAULT_IDLE_MINUTES)
    idle_ends: int = request.session[LAST_ACT] + idle_limit
    day_ends: int = request.session[SIGNED_IN] + settings.SESSION_COOKIE_AGE
    return min(idle_ends, day_ends)


def end(request: HttpRequest) -> None:
    """Remove the session from the server and have the browser forget what it kept."""
    logout(request)
    request.session_over = True  # type: ignore[attr-defined]
