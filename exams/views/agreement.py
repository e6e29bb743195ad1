"""How far the clinic's examiners, its supervisors and the localization agree."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from exams.agreement import agreement_in
from exams.htmx import page


@clinic_page(role="supervise")
@require_safe
def agreement(request: ClinicRequest) -> HttpResponse:
    """Show the three comparisons over every countersigned exam of the clinic."""
    record_view(request.desk, request.desk.clinic, act="agreement.viewed")
    return page(request, "exams/agreement.html", {"compared": agreement_in(request.desk.clinic)})
