"""The signed exams whose level would differ under today's rules, for the supervisor."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from exams.htmx import page
from exams.time_travel import batch_of


@clinic_page(role="supervise")
@require_safe
def time_travel(request: ClinicRequest) -> HttpResponse:
    """Read one batch of signed exams under today's rules; no signed answer is touched."""
    record_view(request.desk, request.desk.clinic, act="answers.compared")
    batch, moved = batch_of(request.desk, request.GET.get("page"))
    return page(request, "exams/time_travel.html", {"batch": batch, "moved": moved})
