"""Saves one answer at a time and says what became of it; what follows from it is asked for apart."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from clinics.access import clinic_page, note_refusal
from clinics.desk import ClinicRequest
from exams.access import NO_EXAM, Refused, exam_for
from exams.answer import answer_of, known_finding
from exams.models import Exam
from exams.previous import previous_value
from exams.rows import prefix_of
from exams.services.answers import Conflict, Rejected, Saved, StepRefused, save_answer
from exams.sheet import Place, sheet_of
from exams.step_fields import StepFields
from exams.step_form import StepForm
from exams.steps import step_asking

SAVED = "exams/answer_saved.html"
NOT_SAVED = "exams/answer_not_saved.html"


@clinic_page(role="examine")
@require_POST
def answer(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Save one answer: 200 with its new revision, 409 with both values, 422 with the reason."""
    place = (request.POST.get("finding", ""), request.POST.get("side", ""))
    try:
        finding = known_finding(*place)
    except Rejected as rejected:
        # No page of the exam has such a field: there is no row in which to say so.
        exam_for(request.desk, exam_id)
        return _fragment(NOT_SAVED, {"message": rejected.message}, 422)
    one = replace(step_asking(finding.id), finding_ids=(finding.id,))
    # What was sent is read without the record, which is opened once, under its lock.
    sent = StepFields(one, (place,), {}, request.POST, force_rule=request.desk.clinic.force_rule)
    try:
        saved, status = _save(request, exam_id, sent, place)
    except Exam.DoesNotExist:
        raise Http404(NO_EXAM) from None
    if isinstance(saved, StepRefused):
        return _not_saved(request, exam_id, sent, saved, status)
    compared = "compared" in request.POST
    return _fragment(SAVED, _said(place, saved, compared=compared), status)


def _save(
    request: ClinicRequest, exam_id: UUID, sent: StepFields, place: Place
) -> tuple[Saved | StepRefused, int]:
    """Save the one answer that was sent; returns what was saved, or why it was not, and the status."""
    if not sent.is_valid():
        return StepRefused({}, {}), 422  # its fields say why
    said, key, step = sent.said_at(place), request.POST.get("key", ""), request.POST.get("step", "")
    try:
        return save_answer(desk=request.desk, exam=exam_id, answer=said, key=key, step=step), 200
    except Conflict as conflict:
        return StepRefused({}, {place: conflict}), 409
    except Rejected as rejected:
        return StepRefused({place: rejected}, {}), 422
    except Refused as refused:
        if refused.status == HTTPStatus.FORBIDDEN:
            note_refusal(request)
        # Told in the row like any other refusal: htmx swaps in 409 and 422, not 403.
        return StepRefused({place: Rejected(refused.sentence)}, {}), 409


def _said(place: Place, saved: Saved, *, compared: bool) -> dict[str, Any]:
    """Return what the page is told of a saved answer: its revision, when, and what changed.

    What changed is looked up where the page has the previous exam's value beside the field: most have none.
    """
    prefix, row = prefix_of(*place), saved.observation
    before = previous_value(row.exam, place) if row and compared else None
    side = {
        "prefix": prefix,
        "dom_id": prefix.replace(".", "-"),
        "revision": saved.revision,
        "change": before.change_to(answer_of(row)) if before and row else None,
        # What the template asks for and does not find costs it a raised error each time.
        "conflict": None,
        "errors": (),
    }
    return {"side": side, "saved_at": saved.at, "saved_revision": saved.revision}


def _not_saved(
    request: ClinicRequest, exam_id: UUID, sent: StepFields, refused: StepRefused, status: int
) -> HttpResponse:
    """Say in the answer's row why it was not saved, with both values when it was changed elsewhere."""
    exam = exam_for(request.desk, exam_id)
    (place,) = sent.places
    before = previous_value(exam, place)
    form = StepForm(
        sent.step,
        exam,
        sheet_of(exam).stored,
        request.POST,
        previous={place: before} if before else {},
        only=place,
    )
    form.refuse(refused)
    return _fragment(NOT_SAVED, {"side": form.side(form.step.findings[0], place[1])}, status)


def _fragment(template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Answer with a fragment that shows nothing of the request, so that nothing of it is worked out."""
    return HttpResponse(render_to_string(template, context), status=status)
