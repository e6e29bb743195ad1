"""Merging a duplicate patient: the other record is found, both are set side by side, then it is decided."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from clinics.refusals import Refused
from exams.access import patient_for
from exams.htmx import page, posted
from exams.merge_form import COMPARE, UNDO, MergeForm, side_by_side
from exams.models import Patient
from exams.search import likely_duplicates
from exams.services.merging import merge_patients, undo_merge

MERGED = "Merged. Every exam of the other record is listed here; what was signed stays as it was signed."
UNDONE = "The merge is undone. This record stands for itself again, with its own exams."


@clinic_page(role="supervise")
@require_http_methods(["GET", "HEAD", "POST"])
def patient_merge(request: ClinicRequest, patient_id: UUID) -> HttpResponse:
    """Find a duplicate of this patient, compare both records, and merge it into this one or undo that."""
    patient = patient_for(request.desk, patient_id)
    form = MergeForm(patient, posted(request))
    if form.is_bound and form.is_valid() and form.cleaned_data["act"] != COMPARE and _done(request, form):
        return redirect("exams:patient", patient.pk)
    record_view(request.desk, patient, subject=patient.pk)
    if form.other is not None:
        record_view(request.desk, form.other, subject=form.other.pk)
    context = {
        "patient": patient,
        "form": form,
        "compared": side_by_side(patient, form.other) if form.other is not None else (),
        "candidates": likely_duplicates(patient),
        "error_summary": errors_of(form),
    }
    return page(request, "exams/patient_merge.html", context, status=422 if form.errors else 200)


def _done(request: ClinicRequest, form: MergeForm) -> bool:
    """Do what the form asks; what stands in the way becomes its error, and nothing was changed."""
    patient: Patient = form.patient
    try:
        if form.cleaned_data["act"] == UNDO:
            undo_merge(desk=request.desk, source=patient, reason=form.cleaned_data["reason"])
            messages.success(request, UNDONE)
        elif form.other is not None:
            reason = form.cleaned_data["reason"]
            merge_patients(desk=request.desk, source=form.other, target=patient, reason=reason)
            messages.success(request, MERGED)
    except Refused as refused:
        if refused.status == HTTPStatus.FORBIDDEN:
            raise
        form.add_error(None, refused.sentence)
    return form.is_valid()
