"""Answers a request that cannot go on: what happened, what is kept, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.account.forms import LoginForm
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest

    from clinics.models import Membership

# Never written back into a page.
SECRETS = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2"}
OUT_OF_DATE = "This page was out of date, so nothing was saved. Reload the page and enter the answer again."
OUT_OF_REACH = (
    "Not saved: the server cannot write to its record at the moment. Everything saved before is kept. "
    "Try again in a moment; nothing is recorded twice."
)
SECONDS_TO_TRY_AGAIN = 10
# A kept form inside the form that signs its person in or asks for the clinic: its fields, and its address.
CARRIED = "kept."
CARRIED_TO = "kept_to"


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Refuse with the sentence the refusal carries, and no data."""
    sentence = str(exception) or "You may not open this page."
    if request.headers.get("HX-Request"):
        return HttpResponse(sentence, status=403, content_type="text/plain")
    return render(request, "403.html", {"sentence": sentence}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Refuse a form that does not prove it comes from this site's own page, and keep what it held."""
    if request.headers.get("HX-Request"):
        return HttpResponse(OUT_OF_DATE, status=403, content_type="text/plain")
    return render(request, "errors/out_of_date.html", kept_form(request), status=403)


def signed_out_while_writing(request: HttpRequest, *, sign_in: str) -> HttpResponse:
    """Keep the form of somebody whose session ended while they wrote, and ask to sign in on the same page."""
    context = {**kept_form(request), "sign_in": sign_in, "form": LoginForm()}
    return render(request, "errors/signed_out.html", context, status=401)


def no_clinic_while_writing(
    request: HttpRequest, memberships: list[Membership], *, following: str
) -> HttpResponse:
    """Keep the form of somebody who has not chosen a clinic, and ask to choose one on the same page.

    Without a kept form the choice leads to the path `following`.
    """
    context = {**kept_form(request), "is_refused": True, "memberships": memberships, "next": following}
    return render(request, "clinics/switch.html", context, status=403)


def send_again(request: HttpRequest, *, happened: str) -> HttpResponse:
    """Show the form that came along, ready to be sent; nothing is sent on the person's behalf."""
    return render(request, "errors/send_again.html", {**kept_form(request), "happened": happened})


def out_of_reach(request: HttpRequest, *, may_be_saved: bool) -> HttpResponse:
    """Say that the record cannot be written or read just now, and keep what was sent.

    The page asks the database nothing: it is rendered without what the frame of other pages shows.
    """
    if request.headers.get("HX-Request"):
        response = HttpResponse(OUT_OF_REACH, status=503, content_type="text/plain")
    else:
        is_form = request.method == "POST"
        context = {**kept_form(request), "is_form": is_form, "may_be_saved": may_be_saved}
        page = render_to_string("503.html", {**context, "csrf_token": get_token(request)})
        response = HttpResponse(page, status=503)
    response["Retry-After"] = str(SECONDS_TO_TRY_AGAIN)
    return response


def something_failed(_request: HttpRequest) -> HttpResponse:
    """Say that something failed for a reason that the person can do nothing about."""
    return HttpResponse(render_to_string("500.html"), status=500)


@dataclass(frozen=True, slots=True)
class Kept:
    """One field of a form that was not saved, with words to show it by."""

    name: str
    value: str

    @property
    def words(self) -> str:
        """The field's name as a reader would write it: what was answered, and on which side."""
        parts = [part for part in self.name.split(".") if part != "token"]
        return " ".join(parts).replace("_", " ").capitalize()

    @property
    def is_shown(self) -> bool:
        """Whether the person gave this value; a revision is sent along by the page itself."""
        return bool(self.value) and not self.name.endswith(".revision")


def kept_form(request: HttpRequest) -> dict[str, Any]:
    """Return what the person's own page sent and where it was sent to, so that it can be sent again.

    A form posted from another site is not kept: showing it with a button to send it would make
    this page the tool of whoever wrote that form. A form that was kept before, and is carried along
    while its person signs in or chooses a clinic, is unpacked again.
    """
    way_back = request.get_full_path()
    if request.method != "POST" or not _sent_by_own_page(request):
        return {"kept": [], "way_back": way_back}
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    carried_to = request.POST.get(CARRIED_TO, "")
    if carried_to:
        way_back = carried_to if _is_own_path(carried_to) else "/"
        fields = [(name.removeprefix(CARRIED), value) for name, value in fields if name.startswith(CARRIED)]
    kept = [Kept(name, value) for name, value in fields if name not in SECRETS]
    return {"kept": kept, "way_back": way_back}


def is_carried(request: HttpRequest) -> bool:
    """Say whether a form that was kept before comes along with this one."""
    return CARRIED_TO in request.POST


def _is_own_path(path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def _sent_by_own_page(request: HttpRequest) -> bool:
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" and (
        urlsplit(sender).netloc == request.get_host()
    )
