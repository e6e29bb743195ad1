"""Shows a refusal of the record as a page with its sentence, whichever view it came from."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinics.refusals import Refused


class RefusalMiddleware:
    """Turns `Refused` into its status: a page for people, the bare sentence for a fragment request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass everything on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; every other exception is left to Django."""
        if not isinstance(exception, Refused):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(exception.sentence, status=exception.status, content_type="text/plain")
        name = "403.html" if exception.status == 403 else "409.html"  # noqa: PLR2004
        return render(request, name, {"sentence": exception.sentence}, status=exception.status)
