"""Finds out, for each request, at which desk the person sits, and whether the session still holds."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from clinics import sessions
from clinics.access import signed_out_fragment
from clinics.desk import Desk
from clinics.models import Membership
from clinics.signin import address_of

Handler = Callable[[HttpRequest], HttpResponseBase]
CLINIC = "clinic"


def desk_middleware(get_response: Handler) -> Handler:
    """End a session that is over, and set `request.desk`: None without a current membership.

    Times on the pages are those of the clinic.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            sessions.end_if_over(request)
        desk = _desk(request)
        request.desk = desk  # type: ignore[attr-defined]
        with timezone.override(desk.clinic.time_zone if desk else None):
            response = get_response(request)
        return signed_out_fragment(request, response)

    return middleware


def _desk(request: HttpRequest) -> Desk | None:
    """Read the membership anew each time, so that a removed role or clinic counts at once."""
    user = request.user
    if not isinstance(user, User):
        return None
    mine = Membership.objects.current().filter(user=user).select_related("clinic")
    chosen = request.session.get(CLINIC)
    found = list(mine.filter(clinic_id=chosen) if chosen else mine[:2])
    # Several clinics and none chosen: the switcher asks. A lost clinic is never replaced silently.
    if len(found) != 1:
        return None
    membership = found[0]
    sit_down(request, membership)
    return Desk(user=user, membership=membership, clinic=membership.clinic, address=address_of(request))


def sit_down(request: HttpRequest, membership: Membership) -> None:
    """Make the membership's clinic the current one of this session."""
    place = {CLINIC: str(membership.clinic_id), sessions.IDLE_MINUTES: membership.clinic.idle_minutes}
    for key, value in place.items():
        if request.session.get(key) != value:
            request.session[key] = value
