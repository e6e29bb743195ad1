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
    try:
        if not form.is_valid():
            return _fragment(request, exam, form, place, "exams/answer_refused.html", 422)
        save_answer(
            desk=request.desk,
            exam=exam,
            answer=form.said_at(place),
            key=request.POST.get("key", ""),
            step=request.POST.get("step", ""),
        )
    except Conflict as conflict:
        form.refuse(StepRefused({}, {place: conflict}))
        return _fragment(request, exam, form, place, "exams/answer_conflict.html", 409)
    except Rejected as rejected:
        form.refuse(StepRefused({place: rejected}, {}))
        return _fragment(request, exam, form, place, "exams/answer_refused.html", 422)
    except Refused as refused:
        # Shown in the row like any other refusal; htmx swaps 409 and 422 only.
        form.refuse(StepRefused({place: Rejected(refused.sentence)}, {}))
        return _fragment(request, exam, form, place, "exams/answer_refused.html", 409)
    fresh = exam_for(request.desk, exam_id)
    stored = StepForm(form.step, fresh, sheet_of(fresh).stored, previous=form.previous)
    return _fragment(request, fresh, stored, place, "exams/answer_saved.html", 200)


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
    return render(request, "exams/answer_refused.html", context, status=422)
