"""Answers a request that cannot go on: what happened, what is kept, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import render

if TYPE_CHECKING:
    from django.http import HttpRequest

# Never written back into a page.
SECRETS = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2"}
OUT_OF_DATE = "This page was out of date, so nothing was saved. Reload the page and enter the answer again."


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
    return render(request, "errors/out_of_date.html", {"kept": kept_answers(request)}, status=403)


def signed_out_while_writing(request: HttpRequest, *, sign_in: str) -> HttpResponse:
    """Keep the form of somebody whose session ended while they wrote, to be sent again after signing in."""
    context = {"kept": kept_answers(request), "sign_in": sign_in}
    return render(request, "errors/signed_out.html", context, status=401)


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


def kept_answers(request: HttpRequest) -> list[Kept]:
    """Return the fields the person's own page sent, so that they can be sent again.

    A form posted from another site is not kept: showing it with a button to send it would make
    this page the tool of whoever wrote that form.
    """
    if not _sent_by_own_page(request):
        return []
    return [
        Kept(name, value) for name, values in request.POST.lists() if name not in SECRETS for value in values
    ]


def _sent_by_own_page(request: HttpRequest) -> bool:
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" and (
        urlsplit(sender).netloc == request.get_host()
    )
