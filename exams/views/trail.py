"""The audit trail for the clinic's auditor: who opened, recorded, signed or was refused what, and when."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinics.access import clinic_page
from clinics.audit import record
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.htmx import page, posted
from exams.trail import Line, TrailFilter, in_batches, lines

PER_PAGE = 50
HEADINGS = ("number", "time_utc", "person", "role", "act", "patient_number", "address")
# A cell that begins with one of these would be run as a formula by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@clinic_page(role="audit")
@require_http_methods(["GET", "HEAD", "POST"])
def trail(request: ClinicRequest) -> HttpResponseBase:
    """Show the trail, all of it or what was asked for, a page at a time or as one CSV file."""
    desk = request.desk
    asked = TrailFilter(desk.clinic, posted(request))
    holds = not asked.is_bound or asked.is_valid()
    exports = holds and "export" in request.POST
    with transaction.atomic():
        values = asked.said() if asked.is_bound and holds else {}
        record(desk, "trail.exported" if exports else "trail.viewed", desk.clinic, values=values)
    if exports:
        return _as_csv(asked)
    context: dict[str, Any] = {"filter": asked, "error_summary": errors_of(asked)}
    if holds:
        shown = Paginator(asked.events(), PER_PAGE).get_page(request.POST.get("page"))
        context |= {"shown": shown, "lines": tuple(lines(desk.clinic, list(shown.object_list)))}
    return page(request, "exams/trail.html", context, status=200 if holds else 422)


def _as_csv(asked: TrailFilter) -> HttpResponseBase:
    """Send everything that was asked for, however long, without holding it in memory."""
    answer = StreamingHttpResponse(_rows(asked), content_type="text/csv; charset=utf-8")
    name = f"audit-trail-{timezone.now():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(asked: TrailFilter) -> Iterator[str]:
    yield _row(HEADINGS)
    for some in in_batches(asked.events()):
        for line in lines(asked.clinic, some):
            yield _row(_cells(line))


def _cells(line: Line) -> tuple[str, ...]:
    when = line.at.isoformat(timespec="seconds")
    return (str(line.sequence), when, line.who, line.role, line.act, line.patient, line.address)


def _row(cells: tuple[str, ...]) -> str:
    written = StringIO()
    csv.writer(written).writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
    return written.getvalue()
