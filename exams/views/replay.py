"""Replays a saved exam answer by answer: what was recorded, and where the findings pointed just then."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from exams.access import Refused, exam_for
from exams.htmx import page
from exams.replayed import ReplayedStep, replayed_step
from exams.services.replay import NotReplayed, moments
from exams.services.reports import answer_is_hidden
from exams.services.review import signed_by_examiner
from exams.services.signing import document_of

GONE = (
    "This exam cannot be replayed: its values were erased on request, or the audit trail does not hold. "
    "The signed report is kept as it is. Ask the auditor to verify the trail."
)
UNSIGNED = (
    "An exam is replayed once its examiner has signed it. Everything recorded is kept. Go on in the exam."
)


@clinic_page(role="read")
@require_safe
def replay(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show one moment of a signed exam, counted from 1; the last one when none is asked for."""
    exam = exam_for(request.desk, exam_id)
    if exam.is_draft:
        raise Refused(UNSIGNED)
    if answer_is_hidden(request.desk, exam):
        return redirect("exams:review_look", exam.pk)
    record_view(request.desk, exam, act="exam.replayed", subject=exam.patient_id)
    try:
        found = tuple(moments(exam))
    except NotReplayed:
        raise Refused(GONE) from None
    asked = request.GET.get("at", "")
    number = min(max(int(asked), 1), len(found)) if asked.isascii() and asked.isdigit() else len(found)
    step: ReplayedStep | None = replayed_step(exam, found, number) if found else None
    signed = document_of(signed_by_examiner(exam))["conclusion"] if exam.is_signed else None
    context = {"exam": exam, "step": step, "count": len(found), "signed": signed}
    return page(request, "exams/replay.html", context)
