"""Saves one answer at a time and answers with the fragments that follow from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clinics.access import clinic_page
from clinics.desk import ClinicRequest, Desk
from exams.access import Refused, exam_for
from exams.answer import known_finding
from exams.frame import frame_of
from exams.models import Exam
from exams.previous import previous_values
from exams.services.answers import Conflict, Rejected, StepRefused, save_answer
from exams.sheet import sheet_of
from exams.step_form import StepForm
from exams.steps import Step, step_asking

SAVED = "exams/answer_saved.html"
CONFLICT = "exams/answer_conflict.html"
REFUSED = "exams/answer_refused.html"


@clinic_page(role="examine")
@require_POST
def answer(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Save one answer: 200 with what follows from it, 409 with both values, 422 with the reason."""
    exam = exam_for(request.desk, exam_id)
    place = (request.POST.get("finding", ""), request.POST.get("side", ""))
    try:
        finding = known_finding(*place)
    except Rejected as rejected:
        return _unknown(request, exam, rejected)
    form = _form(request, exam, replace(step_asking(finding.id), finding_ids=(finding.id,)))
    template, status = _save(request, exam, form, place)
    if template == SAVED:
        exam = exam_for(request.desk, exam_id)
        form = StepForm(form.step, exam, sheet_of(exam).stored, previous=form.previous)
    return _fragment(request, exam, form, place, template, status)


def _save(request: ClinicRequest, exam: Exam, form: StepForm, place: tuple[str, str]) -> tuple[str, int]:
    """Save the answer of a form with one finding; returns the fragment that tells how it went."""
    if not form.is_valid():
        return REFUSED, 422
    said, key, step = form.said_at(place), request.POST.get("key", ""), request.POST.get("step", "")
    try:
        save_answer(desk=request.desk, exam=exam, answer=said, key=key, step=step)
    except Conflict as conflict:
        form.refuse(StepRefused({}, {place: conflict}))
        return CONFLICT, 409
    except Rejected as rejected:
        form.refuse(StepRefused({place: rejected}, {}))
        return REFUSED, 422
    except Refused as refused:
        # Told in the row like any other refusal: htmx swaps in 409 and 422, not 403.
        form.refuse(StepRefused({place: Rejected(refused.sentence)}, {}))
        return REFUSED, 409
    return SAVED, 200


def _form(request: ClinicRequest, exam: Exam, one: Step) -> StepForm:
    return StepForm(one, exam, sheet_of(exam).stored, request.POST, previous=previous_values(exam))


def _fragment(
    request: ClinicRequest, exam: Exam, form: StepForm, place: tuple[str, str], template: str, status: int
) -> HttpResponse:
    """Return what changes on the page after an answer was saved, refused or found changed elsewhere."""
    row = form.row(form.step.findings[0])
    side = next(side for side in row.sides if side.side == place[1])
    around = _around(request.desk, exam, request.POST.get("step", ""), form.step)
    context = {"row": row, "side": side, **around}
    return render(request, template, context, status=status)


def _around(desk: Desk, exam: Exam, slug: str, fallback: Step) -> dict[str, Any]:
    sheet = sheet_of(exam)
    step = next((step for step in sheet.steps if step.slug == slug), fallback)
    return {"frame": frame_of(desk, sheet, step.slug), "step": step}


def _unknown(request: ClinicRequest, exam: Exam, rejected: Rejected) -> HttpResponse:
    """Refuse a field that no page of the exam has: there is no row in which to say so."""
    context = {"frame": frame_of(request.desk, sheet_of(exam), ""), "message": rejected.message}
    return render(request, REFUSED, context, status=422)
