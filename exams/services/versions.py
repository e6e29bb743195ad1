"""The versions of one exam: opening the next with what the last one recorded, and telling two apart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from clinics.audit import JSON, record
from clinics.desk import Desk
from exams.answer import answer_id, answer_of
from exams.models import Exam, Observation, Opinion
from exams.reading import SIDE_LABELS, in_one_line, shown
from exams.services.merging import stands_under
from exams.steps import STEPS, places_of
from localization import CATALOGUE

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One answer that two versions of an exam give differently, each in words."""

    label: str
    side: str
    before: str
    after: str


def open_next_version(desk: Desk, exam: Exam, at: datetime) -> Exam:
    """Open version n + 1 as a draft of the same examiner, with everything that was recorded.

    To be called inside the transaction that decided on it, with the exam's row locked. An exam of a record
    that was merged goes on under the record that stays: nobody signs under a name that was given up.
    """
    draft = Exam.objects.create(
        clinic=exam.clinic,
        patient=stands_under(desk, exam.patient),
        series=exam.series,
        version=exam.version + 1,
        protocol=exam.protocol,
        affected_side=exam.affected_side,
        worse_side=exam.worse_side,
        comparison_side=exam.comparison_side,
        opened=exam.opened,
        examiner=exam.examiner,
        started=exam.started,
        saved=at,
        current_step=exam.current_step,
        revision=exam.revision,
        panel_mode=exam.panel_mode,
    )
    copy_answers(desk=desk, source=exam, target=draft)
    _copy(exam, draft)
    values: dict[str, JSON] = {
        "from": str(exam.pk),
        "series": str(exam.series),
        "version": draft.version,
        "answers": [asdict(answer_of(row)) for row in draft.observations.order_by("finding", "side")],
    }
    record(desk, "exam.reopened", draft, values=values, subject=draft.patient_id)
    return draft


def copy_answers(*, desk: Desk, source: Exam, target: Exam) -> None:
    """Copy every answer of one version into the next, with its revision, inside the caller's transaction."""
    rows = list(Observation.objects.filter(clinic=desk.clinic, exam=source))
    for row in rows:
        row.pk = answer_id(target, row.finding, row.side)
        row.exam = target
    Observation.objects.bulk_create(rows)


def _copy(exam: Exam, draft: Exam) -> None:
    """Copy acknowledgements and the examiner's impression, each with its own author and time."""
    for action in exam.red_flag_actions.all():
        action.pk, action.exam = uuid.uuid4(), draft
        action.save(force_insert=True)
    for opinion in exam.opinions.filter(voice=Opinion.Voice.EXAMINER):
        opinion.pk, opinion.exam = uuid.uuid4(), draft
        opinion.save(force_insert=True)


def versions_of(exam: Exam) -> tuple[Exam, ...]:
    """Return every version of the exam, the first one first."""
    found = Exam.objects.of(exam.clinic).filter(series=exam.series).select_related("examiner", "clinic")
    return tuple(found.order_by("version"))


def differences(before: Exam, after: Exam) -> tuple[Difference, ...]:
    """Return every answer that differs between two versions, in the order of asking."""
    old, new = _answers(before), _answers(after)
    return tuple(
        difference
        for place in places_of(STEPS)
        if (difference := _difference(place, old.get(place), new.get(place))) is not None
    )


def _difference(place: Place, before: Observation | None, after: Observation | None) -> Difference | None:
    finding = CATALOGUE[place[0]]
    words = [in_one_line(shown(finding, place[1], row)) for row in (before, after)]
    if words[0] == words[1]:
        return None
    return Difference(label=finding.label, side=SIDE_LABELS[place[1]], before=words[0], after=words[1])


def _answers(exam: Exam) -> Mapping[Place, Observation]:
    rows = Observation.objects.filter(clinic=exam.clinic_id, exam=exam)
    return {(row.finding, row.side): row for row in rows}
