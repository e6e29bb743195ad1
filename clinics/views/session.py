"""Tells a page of the site, in its own words for scripts, whose session it is and how long it goes on."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from clinics import sessions


@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Answer with the person's address, the seconds left without use, and a token for the next form.

    401 and the token alone when nobody is signed in. Asked in the background it keeps no session alive.
    """
    token = get_token(request)
    user = request.user
    if not isinstance(user, User):
        return JsonResponse({"token": token}, status=401)
    return JsonResponse({"token": token, "person": user.email, "seconds": sessions.seconds_left(request)})
