"""Corrects which side of a draft is affected, which is worse, and which leg is compared with."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.access import draft_for
from exams.htmx import page, posted
from exams.services.details import change_sides
from exams.side_forms import SideForm, sides_said

CHANGED = "The sides are as you chose. Every recorded answer stays with the leg it was recorded for."


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show what was said about the sides of an own draft, and correct it."""
    draft = draft_for(request.desk, exam_id)
    form = SideForm(posted(request), initial=sides_said(draft))
    if request.method == "POST" and form.is_valid():
        change_sides(desk=request.desk, exam=draft, **form.sides)
        messages.success(request, CHANGED)
        return redirect("exams:exam", draft.pk)
    record_view(request.desk, draft, subject=draft.patient_id)
    context = {"exam": draft, "form": form, "error_summary": errors_of(form)}
    return page(request, "exams/details.html", context, status=422 if form.errors else 200)
