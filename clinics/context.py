"""What every page's frame shows about where the person works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from clinics import sessions
from clinics.models import Membership

if TYPE_CHECKING:
    from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """Return the desk, other clinics to switch to, whether it is a demo, and the seconds till signed out."""
    here = getattr(request, "desk", None)
    is_demo = settings.DEMO or (here is not None and here.clinic.is_demo)
    left = sessions.seconds_left(request) if here else 0
    return {"desk": here, "works_in_several": _Several(request), "is_demo": is_demo, "seconds_left": left}


class _Several:
    """Asks the database only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __bool__(self) -> bool:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return False
        return Membership.objects.current().filter(user=user).count() > 1
