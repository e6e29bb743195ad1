"""The lists a day starts from: what waits for whom. Each list takes a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.desk import Desk
from exams.escalation import raised_flags
from exams.models import Decision, Exam, Patient, PatientMerge, SignedReport
from exams.services.asked import open_questions
from exams.services.reports import answer_is_hidden
from exams.sheet import sheet_with
from exams.steps import STEPS

SENT_SHOWN = 10
# A version that a later one took the place of; the later one is listed instead.
REPLACED = (Exam.State.RETURNED, Exam.State.SUPERSEDED)
TITLES = {step.slug: step.title for step in STEPS}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExam:
    """An exam still being recorded: where it stands, and what a supervisor said when returning it.

    `questions` counts the questions about single values that wait for the examiner.
    """

    exam: Exam
    step_title: str
    done: int
    total: int
    has_red_flag: bool
    returned: Decision | None
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desktop:
    """Everything the home of a person who examines lists."""

    returned: Sequence[OpenExam]
    open: Sequence[OpenExam]
    today: Sequence[Exam]
    sent: Sequence[Exam]


def desktop_of(desk: Desk) -> Desktop:
    """Return the person's own exams in this clinic: returned, open, started today, and sent."""
    mine = Exam.objects.of(desk.clinic).filter(examiner=desk.user).select_related("patient")
    drafts = _drafts(mine.drafts(), desk)
    return Desktop(
        returned=[row for row in drafts if row.returned],
        open=[row for row in drafts if not row.returned],
        today=list(_today(mine)),
        sent=list(mine.signed().select_related("decision").order_by("-submitted")[:SENT_SHOWN]),
    )


def exams_of(patient: Patient) -> list[Exam]:
    """Return every exam of a patient with its examiner, the latest first, versions of one exam together.

    Those of records that were merged into the patient's are among them.
    """
    exams = Exam.objects.of(patient.clinic).of_record(patient.pk).select_related("examiner", "patient")
    return list(exams.order_by("-started", "series", "-version"))


def signed_headlines(desk: Desk, exams: Iterable[Exam]) -> Mapping[UUID, str]:
    """Return what the signed report of each exam concludes, in its own words, by the exam's id.

    Left out are exams whose signed version does not stand, and those whose answer waits for this person's
    own look: each of the latter costs a query.
    """
    told = [exam.pk for exam in exams if exam.is_signed and not answer_is_hidden(desk, exam)]
    reports = SignedReport.objects.filter(
        clinic=desk.clinic, exam__in=told, meaning=SignedReport.Meaning.EXAMINED
    )
    found = {}
    for exam, document in reports.values_list("exam", "document"):
        # A report that is none any more is told on its own page.
        with suppress(ValueError, KeyError, TypeError):
            found[exam] = str(json.loads(document)["conclusion"]["headline"])
    return found


def merges_of(patient: Patient) -> list[PatientMerge]:
    """Return every merge of the patient's record, and every undo of one, the first one first."""
    found = PatientMerge.objects.filter(Q(source=patient) | Q(target=patient), clinic=patient.clinic_id)
    return list(found.select_related("source", "target", "by"))


def _drafts(drafts: QuerySet[Exam], desk: Desk) -> list[OpenExam]:
    exams = list(drafts.select_related("clinic").prefetch_related("observations").order_by("-saved", "pk"))
    again = [exam.series for exam in exams if exam.version > 1]
    sent_back = Decision.objects.filter(
        clinic=desk.clinic, exam__series__in=again, outcome=Decision.Outcome.RETURNED
    ).select_related("exam", "supervisor")
    words = {(decision.exam.series, decision.exam.version + 1): decision for decision in sent_back}
    asked = open_questions(desk.clinic, again)
    return [_open(exam, words.get((exam.series, exam.version)), asked[exam.series]) for exam in exams]


def _open(exam: Exam, returned: Decision | None, questions: int) -> OpenExam:
    sheet = sheet_with(exam, exam.observations.all())
    total = len(sheet.places)
    return OpenExam(
        exam=exam,
        step_title=TITLES.get(exam.current_step, sheet.steps[0].title),
        done=total - len(sheet.open_places),
        total=total,
        has_red_flag=_recorded_flag(exam),
        returned=returned,
        questions=questions,
    )


def _recorded_flag(exam: Exam) -> bool:
    """Whether a red flag was recorded; rules that fail count as one, so that somebody looks."""
    raised = raised_flags(exam)
    return raised is None or bool(raised)


def _today(mine: QuerySet[Exam]) -> QuerySet[Exam]:
    """Return the exams started today, each with `earlier`: how many earlier exams the patient had."""
    midnight = datetime.combine(timezone.localdate(), time.min, tzinfo=timezone.get_current_timezone())
    before = (
        Exam.objects.of_record(OuterRef("patient"))
        .filter(clinic=OuterRef("clinic"), started__lt=OuterRef("started"))
        .order_by()
        .values("clinic")
        .annotate(n=Count("series", distinct=True))
        .values("n")
    )
    return (
        mine.filter(started__gte=midnight)
        .exclude(state__in=REPLACED)
        .annotate(earlier=Coalesce(Subquery(before), 0))
        .order_by("started", "version")
    )
