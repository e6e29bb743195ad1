"""Shows what follows from a draft's answers so far: red flags, progress and the live panel."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.desk import ClinicRequest
from exams.access import draft_for
from exams.frame import frame_of
from exams.htmx import page
from exams.sheet import sheet_of
from exams.steps import STEPS


@clinic_page(role="examine")
@require_safe
def live(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Answer an open page of a draft with its parts that an answer changes, as of the record's revision.

    Asked for as a page of its own, it leads to the exam, whose opening is recorded.
    """
    # No new read in the trail: only the draft's examiner is answered, the page that asks was recorded when it
    # was opened, and every answer since is an event of its own.
    draft = draft_for(request.desk, exam_id)
    if not request.htmx:
        return redirect("exams:exam", draft.pk)
    slug = request.GET.get("step", "")
    step = next((step for step in STEPS if step.slug == slug), None)
    if step is None:
        raise Http404("There is no such step in the exam.")
    context = {"frame": frame_of(request.desk, sheet_of(draft), slug), "step": step}
    return page(request, "exams/live_update.html", context)
