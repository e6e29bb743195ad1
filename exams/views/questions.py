"""The questions about an exam's single values, for the supervisor who asks and the examiner who answers."""

from __future__ import annotations

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
from exams.frame import finding_url
from exams.htmx import page, posted
from exams.models import Exam, QuestionEntry
from exams.question_forms import QuestionForm
from exams.services.questions import Thread, answer, ask, askable, close, threads_of, verify
from exams.services.review import may_review
from exams.sheet import sheet_of

DONE = {
    "ask": "Asked. The examiner sees it when you return the exam.",
    "verify": "Marked as verified.",
    "answer": "Answered. The supervisor sees it when you sign.",
    "close": "Closed.",
}


@clinic_page(role="read")
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show what was asked about single values, and do what its supervisor or examiner asks."""
    exam = exam_for(request.desk, exam_id)
    places = askable(exam)
    form = QuestionForm(places, posted(request))
    if form.is_bound and form.is_valid():
        try:
            _act(request.desk, exam, form)
        except Refused as refused:
            if refused.status == HTTPStatus.FORBIDDEN:
                raise
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, DONE[form.cleaned_data["act"]])
            return redirect("exams:questions", exam.pk)
    record_view(request.desk, exam, act="questions.viewed", subject=exam.patient_id)
    context = {**_context(request.desk, exam), "form": form, "error_summary": errors_of(form)}
    context["places"] = places
    context["chosen"] = form["place"].value() or request.GET.get("about", "")
    return page(request, "exams/questions.html", context, status=422 if form.errors else 200)


def _act(desk: Desk, exam: Exam, form: QuestionForm) -> None:
    said = form.cleaned_data
    finding, side = form.finding_and_side
    if said["act"] == "ask":
        ask(desk=desk, exam=exam, finding=finding, side=side, text=said["text"])
    elif said["act"] == "verify":
        verify(desk=desk, exam=exam, finding=finding, side=side)
    elif said["act"] == "answer":
        answer(desk=desk, exam=exam, thread=form.thread_id, category=said["category"], text=said["text"])
    else:
        close(desk=desk, exam=exam, thread=form.thread_id)


def _context(desk: Desk, exam: Exam) -> dict[str, Any]:
    answers = exam.is_draft and exam.examiner_id == desk.user.pk
    sheet = sheet_of(exam)

    def place_of(thread: Thread) -> str:
        return finding_url(sheet, thread.finding, side=thread.side) if answers else ""

    return {
        "exam": exam,
        "threads": [(thread, place_of(thread)) for thread in threads_of(exam)],
        "asks": exam.state == Exam.State.SUBMITTED and may_review(desk, exam),
        "answers": answers,
        "categories": QuestionEntry.Category.choices,
    }
