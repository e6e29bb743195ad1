"""Leads through an exam: starting it, resuming it, its steps and its plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest, Desk
from clinics.forms import errors_of
from exams.access import Refused, draft_for, exam_for, patient_for, step_or_404
from exams.forms import StartExamForm
from exams.frame import finding_url, frame_of, step_url, way_back
from exams.htmx import page, posted
from exams.models import Exam
from exams.previous import previous_values
from exams.services.answers import StepRefused, save_step
from exams.services.exams import remember_step, start_exam, widen_exam
from exams.services.plan import open_finding, step_after
from exams.sheet import Sheet, sheet_of
from exams.step_form import StepForm
from exams.steps import CHECK, IMPRESSION, Step, asked_findings
from localization import CATALOGUE

REST_MARKED = "What was open on this step is marked as not tested. Each can still be changed or cleared."


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def exam_new(request: ClinicRequest, patient_id: UUID) -> HttpResponse:
    """Ask for protocol and side, then start a draft and open its first step."""
    patient = patient_for(request.desk, patient_id)
    form = StartExamForm(posted(request))
    if request.method == "POST" and form.is_valid():
        exam = start_exam(
            desk=request.desk,
            patient=patient,
            protocol=form.cleaned_data["protocol"],
            **form.sides,
            key=form.cleaned_data["key"],
        )
        return redirect("exams:exam", exam.pk)
    record_view(request.desk, patient, subject=patient.pk)
    context = {"patient": patient, "form": form, "error_summary": errors_of(form)}
    return page(request, "exams/exam_new.html", context, status=422 if form.errors else 200)


@clinic_page(role="read")
@require_safe
def exam(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Resume an own draft where it was left; any other exam opens as its report."""
    found = exam_for(request.desk, exam_id)
    if not found.is_draft or found.examiner_id != request.desk.user.pk:
        return redirect("exams:report", found.pk)
    sheet = sheet_of(found)
    left_at = found.current_step if sheet.number_of(found.current_step) else sheet.steps[0].slug
    return redirect(step_url(found, left_at))


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: ClinicRequest, exam_id: UUID, slug: str) -> HttpResponse:
    """Show a step and save all of it; a valid save leads on to the next step."""
    draft = draft_for(request.desk, exam_id)
    if slug in {IMPRESSION, CHECK}:
        return redirect(step_url(draft, slug))
    sheet = sheet_of(draft)
    current = step_or_404(draft, slug, sheet.finding_ids)
    frame = frame_of(request.desk, sheet, slug)
    form = StepForm(
        current,
        draft,
        sheet.stored,
        posted(request),
        previous=previous_values(draft),
        next_best=frame.panel.next_here.finding if frame.panel.next_here else "",
    )
    if request.method == "POST" and _save(request.desk, draft, form):
        return _onward(request, sheet, current)
    record_view(request.desk, draft, subject=draft.patient_id)
    context = {"frame": frame, **_step_context(request, sheet, current, form)}
    return page(request, "exams/step.html", context, status=form.status)


def _step_context(request: ClinicRequest, sheet: Sheet, current: Step, form: StepForm) -> dict[str, Any]:
    before = sheet.beside(current.slug, -1)
    return {
        "step": current,
        "number": sheet.number_of(current.slug),
        "count": len(sheet.steps),
        "form": form,
        "error_summary": form.error_summary,
        "back_url": step_url(sheet.exam, before.slug) if before else "",
        "action_url": request.get_full_path(),
        "answer_url": reverse("exams:answer", args=[sheet.exam.pk]),
    }


def _save(desk: Desk, draft: Exam, form: StepForm) -> bool:
    """Save the form's answers; whatever cannot be saved stays in the form with its reason."""
    leave = form.continues_without
    if not form.is_valid() and not leave:
        return False
    try:
        save_step(desk=desk, exam=draft, answers=form.answers(), leave_refused=leave)
    except StepRefused as refused:
        form.refuse(refused)
        return False
    return True


def _onward(request: ClinicRequest, sheet: Sheet, current: Step) -> HttpResponse:
    """Go where the button that was pressed leads: the same step, the check page, or the next step."""
    if "rest.mark" in request.POST:
        messages.success(request, REST_MARKED)
    if any(name == "rest.mark" or name.endswith(".clear") for name in request.POST):
        return redirect(request.get_full_path())
    slug = CHECK if request.GET.get("return") == CHECK else _slug_after(request, sheet, current)
    remember_step(desk=request.desk, exam=sheet.exam, slug=slug)
    return redirect(step_url(sheet.exam, slug))


def _slug_after(request: ClinicRequest, sheet: Sheet, current: Step) -> str:
    """Return the step that follows; a shortest exam may open its next tests, or say why none follows."""
    if sheet.exam.protocol == Exam.Protocol.SHORTEST:
        following = step_after(desk=request.desk, exam=sheet.exam, slug=current.slug)
        if following.told:
            messages.info(request, following.told)
        return following.slug
    after = sheet.beside(current.slug, 1)
    return after.slug if after else CHECK


@clinic_page(role="examine")
@require_POST
def widen(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Turn a shorter exam into a full one and go on where the examiner was."""
    draft = widen_exam(desk=request.desk, exam=draft_for(request.desk, exam_id))
    messages.success(request, "This is a full exam now. Everything recorded is kept.")
    return redirect(way_back(sheet_of(draft), request.POST.get("step", "")))


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def open_test(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Open a test that the exam does not ask and go there; a link to it asks before it opens anything."""
    draft = draft_for(request.desk, exam_id)
    finding = request.POST.get("finding", request.GET.get("finding", ""))
    if request.method == "POST":
        draft = open_finding(desk=request.desk, exam=draft, finding=finding)
    elif finding not in asked_findings():
        raise Http404("The exam has no such test.")
    sheet = sheet_of(draft)
    if finding in sheet.finding_ids:
        return redirect(finding_url(sheet, finding))
    record_view(request.desk, draft, subject=draft.patient_id)
    context = {"exam": draft, "finding": CATALOGUE[finding]}
    return page(request, "exams/open_test.html", context)


__all__ = ["Refused", "exam", "exam_new", "open_test", "step", "widen"]
