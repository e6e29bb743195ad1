"""What footdrop is for, what its words mean, and every finding with how it is tested."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.desk import ClinicRequest
from exams.htmx import page
from exams.services.figures import figures
from localization import BANDS, CATALOGUE, PHRASES, SITES, SOURCES, VERSION, knowledge_version


@clinic_page
@require_safe
def about(request: ClinicRequest) -> HttpResponse:
    """Show intended use, regulatory state, limits, the bands' meaning, versions and licences."""
    context = {
        "phrases": PHRASES,
        "bands": BANDS,
        "engine": VERSION,
        "figures": figures(),
        "knowledge": knowledge_version(),
    }
    return page(request, "exams/about.html", context)


@clinic_page
@require_safe
def reference(request: ClinicRequest) -> HttpResponse:
    """Show every finding and every level of the catalogue with its sources."""
    findings = CATALOGUE.findings.values()
    groups = [(group, [one for one in findings if one.group == group.id]) for group in CATALOGUE.groups]
    context = {
        "groups": groups,
        "sites": SITES.values(),
        "sources": sorted(SOURCES.values(), key=lambda source: source.id),
        "knowledge": knowledge_version(),
    }
    return page(request, "exams/reference.html", context)
