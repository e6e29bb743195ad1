"""Takes what was done about red flags, from any page of a draft."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.refusals import Refused
from exams.access import draft_for
from exams.flag_form import FlagForm
from exams.frame import frame_of, way_back
from exams.htmx import page
from exams.models import Exam
from exams.services.flags import NOT_RAISED, NoSuchTime, meet_flags
from exams.sheet import sheet_of


@clinic_page(role="examine")
@require_POST
def red_flag(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Record who was told and what was agreed, then go back; what cannot be recorded keeps what was typed."""
    draft = draft_for(request.desk, exam_id)
    sheet = sheet_of(draft)
    frame = frame_of(request.desk, sheet, request.POST.get("step", ""), said=request.POST)
    form = frame.flags.form
    if not frame.flags.flags:
        raise Refused(NOT_RAISED)
    back = way_back(sheet, request.POST.get("step", ""))
    if form.is_valid() and _met(request, draft, form):
        return redirect(back)
    record_view(request.desk, draft, subject=draft.patient_id)
    context = {
        "frame": frame,
        "step": {"slug": request.POST.get("step", "")},
        "back_url": back,
        "error_summary": form.error_summary,
    }
    return page(request, "exams/red_flag_refused.html", context, status=422)


def _met(request: ClinicRequest, draft: Exam, form: FlagForm) -> bool:
    """Record what the form says; a time that cannot have been becomes an error of its field."""
    try:
        meet_flags(
            desk=request.desk,
            exam=draft,
            **form.said,
        )
    except NoSuchTime as refused:
        form.add_error("clock", str(refused))
    return form.is_valid()
