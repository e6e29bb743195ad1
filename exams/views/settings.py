"""The clinic's settings, for its administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.htmx import page, posted
from exams.services.settings import change_settings
from exams.settings_form import SettingsForm, settings_of


@clinic_page(role="manage")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ClinicRequest) -> HttpResponse:
    """Show how the clinic works and store what was changed."""
    form = SettingsForm(posted(request), initial=settings_of(request.desk.clinic))
    if form.is_bound and form.is_valid():
        changed = change_settings(desk=request.desk, **form.cleaned_data)
        messages.success(request, "The settings are saved." if changed else "Nothing was different.")
        return redirect("exams:settings")
    record_view(request.desk, request.desk.clinic, act="settings.viewed")
    context = {"form": form, "error_summary": errors_of(form)}
    return page(request, "exams/settings.html", context, status=422 if form.errors else 200)
