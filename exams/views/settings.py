"""The clinic's settings and its logo, for its administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from clinics.logos import logo_of, set_logo
from exams.htmx import page, posted
from exams.services.settings import change_settings
from exams.settings_form import LogoForm, SettingsForm, settings_of

SAME = "Nothing was different."
FROM_NOW = "Reports signed before stay as they were."
NO_LOGO = "There is no such logo in this clinic."


@clinic_page(role="manage")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ClinicRequest) -> HttpResponse:
    """Show how the clinic works and store what was changed."""
    form = SettingsForm(posted(request), initial=settings_of(request.desk.clinic))
    if form.is_bound and form.is_valid():
        changed = change_settings(desk=request.desk, **form.cleaned_data)
        messages.success(request, "The settings are saved." if changed else SAME)
        return redirect("exams:settings")
    return _page(request, form, LogoForm())


@clinic_page(role="manage")
@require_POST
def settings_logo(request: ClinicRequest) -> HttpResponse:
    """Put the uploaded logo on reports from now on, or take it off them."""
    if request.POST.get("act") == "remove":
        removed = set_logo(desk=request.desk, picture=None)
        messages.success(request, f"The logo is removed. {FROM_NOW}" if removed else SAME)
        return redirect("exams:settings")
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        changed = set_logo(desk=request.desk, picture=form.cleaned_data["logo"])
        messages.success(request, f"Reports carry this logo from now on. {FROM_NOW}" if changed else SAME)
        return redirect("exams:settings")
    return _page(request, SettingsForm(initial=settings_of(request.desk.clinic)), form)


@clinic_page
@require_safe
def logo(request: ClinicRequest, digest: str) -> HttpResponse:
    """Serve a logo of the clinic, the one in use or one that a signed report names."""
    found = logo_of(request.desk.clinic.pk, digest)
    if found is None:
        raise Http404(NO_LOGO)
    return HttpResponse(bytes(found.png), content_type="image/png")


def _page(request: ClinicRequest, form: SettingsForm, logo_form: LogoForm) -> HttpResponse:
    record_view(request.desk, request.desk.clinic, act="settings.viewed")
    problems = [*errors_of(form), *errors_of(logo_form)]
    context = {"form": form, "logo_form": logo_form, "error_summary": problems}
    return page(request, "exams/settings.html", context, status=422 if problems else 200)
