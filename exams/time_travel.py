"""Runs signed exams under today's rules and tells where another level would come first; stores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery

from clinics.desk import Desk
from exams.models import Exam, SignedReport
from exams.services.localizing import localize_exam
from exams.services.reports import answer_is_hidden
from localization import SITES, VERSION, Report, knowledge_version

# So many exams are read again on one page: each takes a few milliseconds.
AT_ONCE = 50
NOT_PLACED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A signed exam that today's rules would answer with another level; `today` is empty where they fail."""

    exam: Exam
    signed: str
    today: str


def signed_before(desk: Desk) -> QuerySet[Exam]:
    """Return the clinic's signed exams that other rules than today's answered, the newest first.

    An exam answered by the same engine with the same knowledge cannot differ and is left out.
    """
    report = SignedReport.objects.filter(exam=OuterRef("pk"), meaning=SignedReport.Meaning.EXAMINED)
    found = (
        Exam.objects.of(desk.clinic)
        .signed()
        .annotate(
            engine=Subquery(report.values("engine_version")[:1]),
            knowledge=Subquery(report.values("knowledge_digest")[:1]),
            document=Subquery(report.values("document")[:1]),
        )
    )
    other = ~Q(engine=VERSION) | ~Q(knowledge=knowledge_version().digest)
    return found.filter(other).select_related("patient", "clinic", "examiner").order_by("-started", "pk")


def batch_of(desk: Desk, number: str | None) -> tuple[Page[Exam], tuple[Moved, ...]]:
    """Return one batch of them and those that would differ; the rest of them is not read."""
    batch = Paginator(signed_before(desk).prefetch_related("observations"), AT_ONCE).get_page(number)
    # A supervisor who has not looked yet is told nothing of the answer here either.
    return batch, moved(exam for exam in batch.object_list if not answer_is_hidden(desk, exam))


def moved(exams: Iterable[Exam]) -> tuple[Moved, ...]:
    """Return the exams, annotated with their signed document, whose level would differ today."""
    found = []
    for exam in exams:
        conclusion = json.loads(str(getattr(exam, "document", "")))["conclusion"]
        report = localize_exam(exam, list(exam.observations.all())).report
        if report is None or signed_level(conclusion) != level_today(report):
            today = report.headline if report else ""
            found.append(Moved(exam=exam, signed=str(conclusion["headline"]), today=today))
    return tuple(found)


def signed_level(conclusion: dict[str, Any]) -> str:
    """Return the level group that a signed conclusion names, empty for none."""
    ranked: Sequence[dict[str, Any]] = conclusion["ranked"]
    return _group(str(ranked[0]["site"])) if conclusion["placed"] and ranked else NOT_PLACED


def level_today(report: Report) -> str:
    """Return the level group that a report of today names, empty for none."""
    return _group(report.ranked[0].site) if report.leading and report.ranked else NOT_PLACED


def _group(site: str) -> str:
    return SITES[site].group if site in SITES else site
