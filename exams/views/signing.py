"""The examiner's signature, and the one press that marks what was left out as not done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinics.access import clinic_page
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.access import draft_for
from exams.forms import SignForm
from exams.models import Exam
from exams.services.signing import SigningRefused, mark_rest_not_done, sign_exam
from exams.sheet import sheet_of
from exams.views.check import check_page, open_url

REST_OPEN = "{count} further answers are open. Answer them, or mark the rest as not done."
SIGNED = "Signed and sent to the supervisors. The report is stored as you signed it."


@clinic_page(role="sign")
@require_POST
def sign(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Sign an own draft; what stands in the way comes back on the check page, nothing signed."""
    draft = draft_for(request.desk, exam_id)
    form = SignForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    try:
        sign_exam(
            desk=request.desk,
            exam=draft,
            password=given.get("password", ""),
            confirmed_patient=given.get("confirmed_patient", False),
            confirmed_side=given.get("confirmed_side", ""),
        )
    except SigningRefused as refused:
        return _refused(request, draft, form, refused)
    messages.success(request, SIGNED)
    return redirect("exams:report", draft.id)


@clinic_page(role="examine")
@require_POST
def mark_rest(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Mark every open answer beyond the core as not done."""
    draft = draft_for(request.desk, exam_id)
    marked = mark_rest_not_done(desk=request.desk, exam=draft)
    messages.success(request, f"{marked} answers are marked as not done. Each can still be changed.")
    return redirect("exams:check", draft.id)


def _refused(request: ClinicRequest, exam: Exam, form: SignForm, refused: SigningRefused) -> HttpResponse:
    """Return the check page with every problem: the form's own fields first, then what is open."""
    for problem in refused.problems:
        if problem.field != "answers" and problem.field not in form.errors:
            form.add_error(problem.field, problem.text)
    sheet = sheet_of(exam)
    opened = [problem for problem in refused.problems if problem.field == "answers"]
    links = [(open_url(sheet, one.finding, one.side), one.text) for one in opened if one.required]
    rest = sum(not one.required for one in opened)
    if rest:
        links.append(("#mark-rest", REST_OPEN.format(count=rest)))
    return check_page(request, exam, form=form, errors=[*links, *errors_of(form)], status=422)
