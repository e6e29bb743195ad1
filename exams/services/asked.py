"""What was asked about single values and is not settled yet, counted."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection

from clinics.models import Clinic
from exams.models import Exam, QuestionEntry

Kind = QuestionEntry.Kind
UNSETTLED = frozenset({Kind.ASKED, Kind.ANSWERED})  # somebody still has to answer, or to close


def open_questions(clinic: Clinic, series: Collection[uuid.UUID]) -> Counter[uuid.UUID]:
    """Return by series how many questions wait for the examiner, with one query for all."""
    return Counter(last.series for last in _last_said(clinic, series) if last.kind == Kind.ASKED)


def unsettled_questions(exam: Exam) -> int:
    """Return how many questions of any version of the exam wait for an answer, or to be closed."""
    return sum(last.kind in UNSETTLED for last in _last_said(exam.clinic, [exam.series]))


def _last_said(clinic: Clinic, series: Collection[uuid.UUID]) -> Collection[QuestionEntry]:
    entries = QuestionEntry.objects.filter(clinic=clinic, series__in=series).order_by("at")
    return {entry.thread: entry for entry in entries}.values()
