"""The report on the screen and on paper, and the list of signed reports."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.refusals import Refused
from exams.access import exam_for
from exams.document import closed
from exams.htmx import page
from exams.models import Exam, Remark
from exams.services.reports import answer_is_hidden, report_of
from exams.services.review import closure_of

FIRST_TO = {"impression": "exams:impression", "look": "exams:review_look"}
PER_PAGE = 25
UNREADABLE = (
    "SIGNATURE INVALID. The stored report cannot be read any more. The exam's answers are kept. "
    "Tell the clinic's administrator, who can restore it from a backup."
)


@clinic_page(role="read")
@require_safe
def report(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show the report of an exam: the stored one when it is signed, else the draft, marked as one."""
    exam = exam_for(request.desk, exam_id)
    hidden = answer_is_hidden(request.desk, exam)
    if hidden:
        return redirect(FIRST_TO[hidden], exam.id)
    record_view(request.desk, exam, act="report.viewed", subject=exam.patient_id)
    shown = report_of(exam)
    if not shown.document:
        raise Refused(UNREADABLE)
    remarks = Remark.objects.filter(clinic=request.desk.clinic, exam=exam).select_related("by", "to")
    if shown.signed:  # what came later stands below the report
        remarks = remarks.filter(at__lte=exam.submitted or shown.signed.at)
    # What a supervisor closes after the examiner's signature stands on the page before it is on paper.
    caution = closed(shown.document.get("tripwire", {}), closure_of(exam))
    document = shown.document | {"tripwire": caution}
    context = {"exam": exam, "shown": shown, "document": document, "remarks": remarks}
    return page(request, "exams/report.html", context)


@clinic_page(role="read")
@require_safe
def report_pdf(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Serve the report as PDF, `?as=signed` without what was added; no file is named after a patient."""
    exam = exam_for(request.desk, exam_id)
    hidden = answer_is_hidden(request.desk, exam)
    if hidden:
        return redirect(FIRST_TO[hidden], exam.id)
    record_view(request.desk, exam, act="report.printed", subject=exam.patient_id)
    shown = report_of(exam)
    if not shown.document:
        raise Refused(UNREADABLE)
    name = f"{shown.document['number']}.pdf"
    return HttpResponse(
        shown.pdf(as_signed=request.GET.get("as") == "signed"),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@clinic_page(role="read")
@require_safe
def reports(request: ClinicRequest) -> HttpResponse:
    """List the clinic's signed exams, newest first."""
    record_view(request.desk, request.desk.clinic, act="reports.listed")
    signed = (
        Exam.objects.of(request.desk.clinic)
        .filter(submitted__isnull=False)
        .exclude(state=Exam.State.ERASED)
        .select_related("patient", "examiner", "decision__supervisor")
        .order_by("-submitted", "-version")
    )
    context = {"exams": Paginator(signed, PER_PAGE).get_page(request.GET.get("page"))}
    return page(request, "exams/reports.html", context)
