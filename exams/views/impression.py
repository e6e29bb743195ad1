"""Asks for the examiner's own impression."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.access import draft_for
from exams.forms import ImpressionForm
from exams.frame import frame_of, step_url
from exams.htmx import page, posted
from exams.models import Opinion
from exams.review_forms import NOT_PLACED, site_of
from exams.services.exams import give_impression, impression_of, remember_step
from exams.sheet import sheet_of
from exams.steps import CHECK, IMPRESSION


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def impression(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show the examiner's own impression and save it, with whether the ranked sites were in view."""
    draft = draft_for(request.desk, exam_id)
    sheet = sheet_of(draft)
    frame = frame_of(request.desk, sheet, IMPRESSION)
    form = ImpressionForm(posted(request), initial=_initial(impression_of(draft)))
    if request.method == "POST" and form.is_valid():
        give_impression(
            desk=request.desk,
            exam=draft,
            site=site_of(form.cleaned_data["site"]),
            text=form.cleaned_data["text"],
            answer_in_view=frame.panel.report is not None,
        )
        remember_step(desk=request.desk, exam=draft, slug=CHECK)
        return redirect(step_url(draft, CHECK))
    record_view(request.desk, draft, subject=draft.patient_id)
    before = sheet.beside(IMPRESSION, -1)
    context = {
        "frame": frame,
        "step": sheet.steps[sheet.number_of(IMPRESSION) - 1],
        "number": frame.number,
        "count": frame.count,
        "form": form,
        "error_summary": errors_of(form),
        "back_url": step_url(draft, before.slug) if before else "",
    }
    return page(request, "exams/impression.html", context, status=422 if form.errors else 200)


def _initial(opinion: Opinion | None) -> dict[str, str]:
    """Return what was written before; an impression that was not written yet pre-selects nothing."""
    if opinion is None:
        return {}
    return {"site": opinion.site or NOT_PLACED, "text": opinion.text}
