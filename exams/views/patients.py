"""Patients: find one, add one, correct one, and see what was examined."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.access import Refused, patient_for
from exams.forms import PatientForm
from exams.htmx import page
from exams.search import Found, PatientSearch, find_patients, has_namesake
from exams.services.patients import add_patient, change_patient
from exams.trend_chart import course_of
from exams.worklists import exams_of, merges_of, signed_headlines


@clinic_page(role="read")
@require_http_methods(["GET", "HEAD", "POST"])
def patients(request: ClinicRequest) -> HttpResponse:
    """List the clinic's patients, or those that match the words sent from the search box."""
    desk = request.desk
    searched = request.method == "POST"
    search = PatientSearch(request.POST if searched else None)
    if searched and not search.is_valid():
        context = {
            "search": search,
            "found": Found(patients=(), more=False),
            "error_summary": errors_of(search),
        }
        return page(request, "exams/patients.html", context, status=422)
    words = search.cleaned_data["words"] if searched else ""
    record_view(desk, desk.clinic, act="patients.searched" if searched else "patients.listed")
    found = find_patients(desk.clinic, words)
    return page(request, "exams/patients.html", {"search": search, "searched": searched, "found": found})


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def patient_new(request: ClinicRequest) -> HttpResponse:
    """Add a patient to the clinic."""
    form = PatientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_patient(desk=request.desk, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("number", refusal.sentence)
        else:
            return redirect("exams:patient", added.id)
    return _form_page(request, {"form": form})


@clinic_page(role="examine")
@require_http_methods(["GET", "HEAD", "POST"])
def patient_edit(request: ClinicRequest, patient_id: UUID) -> HttpResponse:
    """Correct a patient's identity."""
    patient = patient_for(request.desk, patient_id)
    form = PatientForm(request.POST or None, initial=model_to_dict(patient))
    if request.method == "POST" and form.is_valid():
        try:
            change_patient(desk=request.desk, patient=patient, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("number", refusal.sentence)
        else:
            return redirect("exams:patient", patient.id)
    record_view(request.desk, patient, subject=patient.id)
    return _form_page(request, {"form": form, "patient": patient})


@clinic_page(role="read")
@require_safe
def patient(request: ClinicRequest, patient_id: UUID) -> HttpResponse:
    """Show who the patient is and every exam with its state."""
    shown = patient_for(request.desk, patient_id)
    record_view(request.desk, shown, subject=shown.id)
    exams = exams_of(shown)
    context = {
        "patient": shown,
        "has_namesake": has_namesake(shown),
        "merges": merges_of(shown),
        "exams": exams,
        "headlines": signed_headlines(request.desk, exams),
        "course": course_of(shown),
    }
    return page(request, "exams/patient.html", context)


def _form_page(request: ClinicRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form, with what is wrong in it above and at each field."""
    form = context["form"]
    context["error_summary"] = errors_of(form)
    return page(request, "exams/patient_form.html", context, status=422 if form.errors else 200)
