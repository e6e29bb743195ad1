"""Opens a page only to people who sit at a desk of a clinic and hold the role that the page asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast, overload
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from clinics.audit import record
from clinics.desk import ClinicRequest, Desk
from clinics.models import Membership
from clinics.refusals import Refused
from clinics.roles import Right, allows, refusal
from clinics.views.refusals import no_clinic_while_writing, signed_out_while_writing

P = ParamSpec("P")
View = Callable[Concatenate[ClinicRequest, P], HttpResponseBase]
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

READING = {"GET", "HEAD", "OPTIONS"}
NO_CLINIC = "You are signed in, but you belong to no clinic here. Ask your clinic's administrator to add you."


@overload
def clinic_page(view: View[P], /) -> Page[P]: ...


@overload
def clinic_page(*, role: Right) -> Callable[[View[P]], Page[P]]: ...


def clinic_page(
    view: View[P] | None = None, /, *, role: Right | None = None
) -> Page[P] | Callable[[View[P]], Page[P]]:
    """Make a view a page of the clinic: it runs only for a person at a desk who has the role.

    Without a session the person is sent to sign in; a fragment request gets 401 and HX-Redirect,
    never the sign-in page's HTML. Without a desk the person chooses a clinic, or is refused.
    What was sent meanwhile is kept through either. Who asks for what they may not see or do, or for
    what is not there, stands in the trail.

    Args:
        view: the view, when the decorator stands bare: then every member of the clinic may come in.
        role: what the person's membership must allow.
    """
    if view is not None:
        return _guarded(view, None)
    return lambda decorated: _guarded(decorated, role)


def _guarded(view: View[P], role: Right | None) -> Page[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        desk: Desk | None = getattr(request, "desk", None)
        if desk is None:
            return _ask_for_clinic(request)
        inside = cast(ClinicRequest, request)
        if role and not allows(desk.membership.role, role):
            note_refusal(inside)
            raise PermissionDenied(refusal(role))
        try:
            return view(inside, *args, **kwargs)
        except (Http404, Refused) as refused:
            if isinstance(refused, Http404) or refused.status == HTTPStatus.FORBIDDEN:
                note_refusal(inside)
            raise

    return guarded


def note_refusal(request: ClinicRequest) -> None:
    """Tell the trail that this person was refused what they asked for: a denied try is logged too."""
    with transaction.atomic():
        record(request.desk, "page.refused", request.desk.clinic, values={"path": request.path})


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    query = {"next": _page_to_return_to(request)}
    if getattr(request, "session_over", False):
        query["ended"] = "1"
    address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query)}"
    if request.headers.get("HX-Request"):
        return _signed_out(address)
    if request.method not in READING:
        return signed_out_while_writing(request, sign_in=address)
    return HttpResponseRedirect(address)


def signed_out_fragment(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the response, unless it would lead a fragment request to the sign-in page.

    htmx follows a redirect unseen and would put the sign-in page into the middle of the exam; this
    catches the redirects of views that are not the clinic's own.
    """
    location = response.get("Location", "")
    if request.headers.get("HX-Request") and urlsplit(location).path == resolve_url(settings.LOGIN_URL):
        return _signed_out(location)
    return response


def _signed_out(sign_in: str) -> HttpResponse:
    sentence = "You have been signed out. Nothing was saved by this step: sign in to go on."
    return HttpResponse(sentence, status=401, content_type="text/plain", headers={"HX-Redirect": sign_in})


def memberships_of(user: object) -> list[Membership]:
    """Return where the person may work, by the clinic's name; nowhere for somebody not signed in."""
    if not isinstance(user, User):
        return []
    current = Membership.objects.current().filter(user=user)
    return list(current.select_related("clinic").order_by("clinic__name"))


def _ask_for_clinic(request: HttpRequest) -> HttpResponse:
    mine = memberships_of(request.user)
    if not mine:
        raise PermissionDenied(NO_CLINIC)
    following = _page_to_return_to(request)
    address = f"{resolve_url('clinics:switch')}?{urlencode({'next': following})}"
    if request.headers.get("HX-Request"):
        sentence = "Choose a clinic to go on; nothing was saved by this step."
        return HttpResponse(sentence, status=403, content_type="text/plain", headers={"HX-Redirect": address})
    if request.method not in READING:
        return no_clinic_while_writing(request, mine, following=following)
    return HttpResponseRedirect(address)


def _page_to_return_to(request: HttpRequest) -> str:
    """Return the path of the page the person was looking at: for a fragment or a POST, not its own path."""
    looking_at = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    parts = urlsplit(looking_at)
    # Only a path of this site: the header is the client's word.
    return parts.path if parts.netloc == request.get_host() else resolve_url(settings.LOGIN_REDIRECT_URL)
