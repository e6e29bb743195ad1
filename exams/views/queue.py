"""The supervisor's queue, and meeting a red flag that its examiner left without a record."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from clinics.refusals import Refused
from exams.access import exam_for
from exams.escalation import raised_flags
from exams.flag_form import FlagForm
from exams.htmx import page, posted
from exams.models import Exam
from exams.queue import QueueFilter, counts_of, review_queue
from exams.services.flags import NOT_RAISED, NoSuchTime, take_up_flags

RULES_FAILED = (
    "The red flags of this exam could not be worked out. Nothing was changed, and every answer is kept. "
    "Ask its examiner what was found, and act on that."
)
RECORDED = "Recorded. The red flag stays in the exam, with what you did about it."


@clinic_page(role="supervise")
@require_safe
def reviews(request: ClinicRequest) -> HttpResponse:
    """List the signed exams that wait for this supervisor, all of them or those that were asked for."""
    record_view(request.desk, request.desk.clinic, act="reviews.listed")
    rows = review_queue(request.desk)
    asked = QueueFilter(rows, request.GET or None)
    context = {
        "queue": asked.keep(rows) if asked.is_bound else rows,
        "filter": asked,
        "counts": counts_of(rows),
        "now": timezone.now(),
    }
    return page(request, "exams/review_queue.html", context)


@clinic_page(role="supervise")
@require_http_methods(["GET", "HEAD", "POST"])
def review_flags(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show an exam's red flags and what was done about each, and record whom the supervisor told."""
    exam = exam_for(request.desk, exam_id)
    found = raised_flags(exam)
    if not found:
        raise Refused(RULES_FAILED if found is None else NOT_RAISED)
    raised = [(name, words) for name, words, _ in found]
    actions = tuple(exam.red_flag_actions.select_related("by"))
    met = {action.flag for action in actions}
    form = FlagForm(posted(request), raised=raised, unmet=[name for name, _ in raised if name not in met])
    if form.is_bound and form.is_valid() and _taken_up(request, exam, form):
        messages.success(request, RECORDED)
        return redirect("exams:reviews")
    record_view(request.desk, exam, subject=exam.patient_id)
    context = {"exam": exam, "form": form, "met": met, "actions": actions, "error_summary": errors_of(form)}
    return page(request, "exams/review_flags.html", context, status=422 if form.errors else 200)


def _taken_up(request: ClinicRequest, exam: Exam, form: FlagForm) -> bool:
    """Record what the form says; a time that cannot have been becomes an error of its field."""
    try:
        take_up_flags(
            desk=request.desk,
            exam=exam,
            raised={name for name, _ in form.raised},
            **form.said,
        )
    except NoSuchTime as refused:
        form.add_error("clock", str(refused))
    return form.is_valid()
