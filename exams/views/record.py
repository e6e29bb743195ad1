"""The record of an exam as a whole: its versions, who signed, what was said later, and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest, Desk
from clinics.forms import errors_of
from exams.access import Refused, exam_for
from exams.htmx import page, posted
from exams.models import Exam, Remark, SignedReport
from exams.record_forms import ReasonForm
from exams.services.afterwards import add_later, amend, colleagues, hand_over, may_decide, void
from exams.services.reports import answer_is_hidden
from exams.services.states import Act, allowed
from exams.services.versions import differences, versions_of

DONE = {
    "amend": "The next version is open as a draft. This one stands until that is signed.",
    "add": "Added. The signed report stays as it was signed.",
    "void": "This exam is void now. It is kept, with your reason.",
    "hand_over": "The draft is handed over. What you recorded stays under your name.",
}


@clinic_page(role="read")
@require_http_methods(["GET", "HEAD", "POST"])
def record_page(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show an exam's record; do what its examiner or a supervisor asks, each with a reason."""
    exam = exam_for(request.desk, exam_id)
    form = ReasonForm(colleagues(request.desk), posted(request))
    if form.is_bound and form.is_valid():
        try:
            shown = _act(request.desk, exam, form)
        except Refused as refused:
            if refused.status == HTTPStatus.FORBIDDEN:
                raise
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, DONE[form.cleaned_data["act"]])
            return redirect("exams:record", shown.pk)
    record_view(request.desk, exam, act="record.viewed", subject=exam.patient_id)
    context = {**_context(request.desk, exam), "form": form, "error_summary": errors_of(form)}
    return page(request, "exams/record.html", context, status=422 if form.errors else 200)


def _act(desk: Desk, exam: Exam, form: ReasonForm) -> Exam:
    """Do what the form asks; returns the exam to show next: the new version after an amendment."""
    act, text = form.cleaned_data["act"], form.cleaned_data["text"]
    if act == "amend":
        return amend(desk=desk, exam=exam, reason=text)
    if act == "hand_over":
        hand_over(desk=desk, exam=exam, to=form.colleague, reason=text)
        return exam
    done: dict[str, Callable[[], object]] = {
        "add": lambda: add_later(desk=desk, exam=exam, text=text),
        "void": lambda: void(desk=desk, exam=exam, reason=text),
    }
    done[act]()
    return exam


def _context(desk: Desk, exam: Exam) -> dict[str, Any]:
    versions = versions_of(exam)
    before = next((one for one in versions if one.version == exam.version - 1), None)
    # A supervisor's blind look comes first here too: what changed between versions tells what was found.
    hidden = bool(answer_is_hidden(desk, exam))
    own = exam.examiner_id == desk.user.pk
    decides = may_decide(desk, exam)
    return {
        "exam": exam,
        "versions": versions,
        "before": before,
        "differences": differences(before, exam) if before and not hidden else (),
        "signed": SignedReport.objects.filter(clinic=desk.clinic, exam__in=versions).select_related(
            "signed_by", "exam"
        ),
        "remarks": Remark.objects.filter(clinic=desk.clinic, exam__in=versions).select_related(
            "by", "to", "exam"
        ),
        "may_amend": decides and allowed(exam.state, Act.AMEND) and versions[-1].pk == exam.pk,
        "may_add": decides and exam.is_signed,
        "may_void": decides and allowed(exam.state, Act.VOID),
        "may_hand_over": own and exam.is_draft and bool(colleagues(desk)),
    }
