"""Home: what waits for the person who signed in."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from exams.htmx import page
from exams.queue import review_queue
from exams.search import PatientSearch
from exams.worklists import desktop_of

NOON, EVENING = 12, 18


@clinic_page
@require_safe
def home(request: ClinicRequest) -> HttpResponse:
    """Show the examiner's desk, the supervisor's queue, or where a person without records may go."""
    desk = request.desk
    now = timezone.localtime()
    context = {"now": now, "greeting": greeting(now), "search": PatientSearch()}
    if not desk.membership.may_read_records:
        return page(request, "exams/home_without_records.html", context)
    record_view(desk, desk.clinic, act="home.viewed")
    context["desktop"] = desktop_of(desk)
    if not desk.membership.may_supervise:
        return page(request, "exams/home_examiner.html", context)
    context["queue"] = review_queue(desk)
    return page(request, "exams/home_supervisor.html", context)


def greeting(now: datetime) -> str:
    """Return the greeting for this local time of day."""
    if now.hour < NOON:
        return "Good morning"
    return "Good afternoon" if now.hour < EVENING else "Good evening"
