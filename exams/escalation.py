"""Red flags of which nobody recorded whom they told: since when they stand, and which are past the limit."""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clinics.models import Clinic
from exams.models import Exam, SignedReport
from exams.services.localizing import findings_of
from localization import red_flags

logger = logging.getLogger(__name__)

FILE = Path(__file__).with_name("escalation.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Minutes that a red flag may stand without a record, the bounds a clinic may choose within, and why."""

    minutes: int
    at_least: int
    at_most: int
    basis: str
    reason: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """One exam with red flags of which nobody recorded whom they told.

    `flags` holds each as (id, words), and nothing where the rules failed, so that nobody knows which there
    are; `since` is when the first of the findings behind them was recorded, or when the exam was started.
    """

    exam: Exam
    flags: tuple[tuple[str, str], ...]
    since: datetime
    is_late: bool


@cache
def limit() -> Limit:
    """Return the limit that holds where a clinic set none."""
    row = tomllib.loads(FILE.read_text(encoding="utf-8"))["limit"]
    return Limit(**{**row, "source": tuple(row["source"])})


def minutes_of(clinic: Clinic) -> int:
    """Return the clinic's own limit in minutes, or the one that holds where it set none."""
    return clinic.flag_minutes or limit().minutes


def unmet_flags(clinic: Clinic, now: datetime) -> list[Unmet]:
    """Return every exam in work or in review with an unmet red flag, the longest standing first.

    A draft is read by today's rules; a signed exam by the flags that stand in its signed report.
    """
    signed = SignedReport.objects.filter(meaning=SignedReport.Meaning.EXAMINED).only("exam_id", "document")
    exams = (
        Exam.objects.of(clinic)
        .filter(state__in=(Exam.State.DRAFT, Exam.State.SUBMITTED))
        .select_related("patient", "examiner", "clinic")
        .prefetch_related("observations", "red_flag_actions", Prefetch("signed_reports", queryset=signed))
    )
    latest = now - timedelta(minutes=minutes_of(clinic))
    found = (_unmet(exam, latest) for exam in exams)
    return sorted((one for one in found if one is not None), key=lambda one: one.since)


def raised_flags(exam: Exam) -> tuple[tuple[str, str, tuple[str, ...]], ...] | None:
    """Return the exam's red flags as (id, words, findings): as signed, or by today's rules in a draft.

    None when the rules fail: then nobody knows, which is not the same as none.
    """
    documents = [] if exam.is_draft else [signed.document for signed in exam.signed_reports.all()]
    if documents:
        return tuple(_signed(json.loads(documents[0])["red_flags"]["flags"]))
    try:
        flags = red_flags(findings_of(exam, exam.observations.all(), for_alarms=True))
    except Exception as error:  # a list must open whatever the rules do
        _log_failure(exam, error)
        return None
    return tuple((flag.id, flag.label, tuple(cited.finding for cited in flag.cited)) for flag in flags)


def on_every_page(request: HttpRequest) -> dict[str, Any]:
    """Give templates the flags past the limit, read only when a supervisor's page asks for them."""
    desk = getattr(request, "desk", None)
    if desk is None or not desk.membership.may_supervise:
        return {}
    return {
        "late_flags": SimpleLazyObject(lambda: late_flags(desk.clinic)),
        "flag_minutes": minutes_of(desk.clinic),
    }


def late_flags(clinic: Clinic) -> list[Unmet]:
    """Return the exams whose red flags nobody met within the clinic's limit, the longest standing first."""
    return [one for one in unmet_flags(clinic, timezone.now()) if one.is_late]


def _log_failure(exam: Exam, error: Exception) -> None:
    """Log the kind of error only: its text may quote what was recorded."""
    logger.error("Red-flag rules failed for exam %s: %s", exam.pk, type(error).__name__)


def _signed(flags: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    return ((flag["id"], flag["label"], tuple(flag["findings"])) for flag in flags)


def _unmet(exam: Exam, latest: datetime) -> Unmet | None:
    raised = raised_flags(exam)
    if raised is None:
        return Unmet(exam=exam, flags=(), since=exam.started, is_late=exam.started <= latest)
    met = {action.flag for action in exam.red_flag_actions.all()}
    open_flags = [flag for flag in raised if flag[0] not in met]
    if not open_flags:
        return None
    cited = {finding for _, _, findings in open_flags for finding in findings}
    behind = (row.recorded for row in exam.observations.all() if row.finding in cited)
    since = min(behind, default=exam.started)
    flags = tuple((name, words) for name, words, _ in open_flags)
    return Unmet(exam=exam, flags=flags, since=since, is_late=since <= latest)
