"""Puts on every response the headers that keep patient data out of caches and other sites."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


def response_headers(get_response: Handler) -> Handler:
    """Forbid storing anything but static files, and sharing anything with other origins."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if not _is_static_file(request, response):
            response["Cache-Control"] = "no-store"
        if getattr(request, "session_over", False):
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def _is_static_file(request: HttpRequest, response: HttpResponseBase) -> bool:
    return request.path_info.startswith(settings.STATIC_URL) and response.status_code in {200, 206, 304}
