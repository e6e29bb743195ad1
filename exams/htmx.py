"""Answers with the whole page, or with the named part of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from clinics.desk import ClinicRequest


def page(
    request: ClinicRequest,
    template: str,
    context: Mapping[str, Any],
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the rendered template, or only its partial when htmx asks for a part of the page.

    A history restore and a boosted link also say that they come from htmx, but need the whole page.
    """
    htmx = request.htmx
    only_part = bool(partial and htmx and not htmx.boosted and not htmx.history_restore_request)
    name = f"{template}#{partial}" if only_part else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def posted(request: ClinicRequest) -> QueryDict | None:
    """Return what a form is filled with: the posted fields, even when there are none, or nothing on a GET."""
    return request.POST if request.method == "POST" else None
