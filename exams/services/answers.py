"""Saves answers, one or a whole step: each with its revision, its audit event and one effect per key."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.prepared import add_row, change_rows, one_row
from clinics.refusals import Refused
from exams.answer import Answer, Rejected, answer_id, answer_of, checked
from exams.models import Exam, Observation, SavedRequest
from exams.services.plan import must_be_asked, stays_open
from exams.services.stale import Conflict, conflict_with, is_stale
from exams.services.states import locked_exam, must_be_draft, must_be_examiner
from exams.steps import STEPS

__all__ = ["Answer", "Conflict", "Rejected", "Saved", "StepRefused", "save_answer", "save_step"]

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
KNOWN_STEPS = frozenset(step.slug for step in STEPS)

PARTS = tuple(field.name for field in fields(Answer))
# What the clinician said, without place and bookkeeping.
SAID = tuple(name for name in PARTS if name not in {"finding", "side", "revision", "cleared"})

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What the record holds after a save; `observation` is None when the answer is now unset.

    `revision` is what the next answer is given to. `changed` is False when nothing was written: the record
    said the same already.
    """

    observation: Observation | None
    revision: int
    at: datetime
    changed: bool = True


class StepRefused(Exception):  # noqa: N818 - the form shows what is wrong
    """A step of which at least one answer cannot be saved; none of it was."""

    def __init__(self, errors: dict[Place, Rejected], conflicts: dict[Place, Conflict]) -> None:
        super().__init__(f"{len(errors)} refused, {len(conflicts)} in conflict")
        self.errors = errors
        self.conflicts = conflicts


def save_answer(*, desk: Desk, exam: Exam | uuid.UUID, answer: Answer, key: str, step: str = "") -> Saved:
    """Save or clear one answer once per key; `step` is where the examiner is, so that the exam resumes there.

    The exam may be given by its id alone: it is read under its lock. Raises Exam.DoesNotExist (not of this
    clinic), Rejected (not a possible answer, or the key was used for another one), Conflict (changed
    elsewhere since `answer.revision`) or Refused (no draft, or not this person's exam).
    """
    if not KEY.fullmatch(key):
        raise Rejected("Not saved: the page sent no usable save number. Reload the page; nothing is lost.")
    try:
        with transaction.atomic():
            return _save_once(desk, exam, answer, key, step)
    except (Conflict, Rejected, Refused, IntegrityError):
        # A request that came before is refused the second time, by its revision or by its key: only then
        # is its first outcome looked up, so that an ordinary save does not pay for it.
        earlier = SavedRequest.objects.filter(clinic=desk.clinic, exam=exam, user=desk.user, key=key).first()
        if earlier is None:
            raise
    return _repeat(earlier, answer)


def _save_once(desk: Desk, exam: Exam | uuid.UUID, answer: Answer, key: str, step: str) -> Saved:
    """Save under the exam's lock and note the key; raises IntegrityError for a key that was used."""
    locked = locked_exam(desk.clinic, exam)
    must_be_draft(locked)
    must_be_examiner(locked, desk.user)
    saved = _write(desk, locked, checked(answer, desk.clinic.force_rule), step=step, on_its_own=True)
    add_row(
        SavedRequest(
            clinic_id=desk.clinic.pk,
            exam_id=locked.pk,
            user_id=desk.user.pk,
            key=key,
            body_digest=_digest(answer),
            revision=saved.revision,
            at=saved.at,
        )
    )
    return saved


def save_step(
    *, desk: Desk, exam: Exam, answers: Sequence[Answer], leave_refused: bool = False
) -> tuple[Saved, ...]:
    """Save every changed answer of a step, or none.

    Raises StepRefused with every refusal and conflict, or Refused as `save_answer` does. With
    `leave_refused`, the person's choice to continue without those, they stay as they were recorded.
    """
    errors: dict[Place, Rejected] = {}
    conflicts: dict[Place, Conflict] = {}
    saved: list[Saved] = []
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        must_be_draft(locked)
        must_be_examiner(locked, desk.user)
        for answer in answers:
            try:
                saved.append(_write(desk, locked, checked(answer, desk.clinic.force_rule)))
            except Rejected as error:
                errors[answer.finding, answer.side] = error
            except Conflict as conflict:
                conflicts[answer.finding, answer.side] = conflict
        if (errors or conflicts) and not leave_refused:
            raise StepRefused(errors, conflicts)
    return tuple(saved)


def _write(desk: Desk, exam: Exam, answer: Answer, *, step: str = "", on_its_own: bool = False) -> Saved:
    """Write one checked answer under the exam's lock; one that says the same again moves the exam at most.

    But who sees what is recorded and says just that again has answered anew: it is written `on_its_own`, so
    that an older answer which comes late does not beat it. A whole step repeats what nobody touched.
    """
    moved: dict[str, Any] = {}
    if step in KNOWN_STEPS and step != exam.current_step:
        moved["current_step"] = step
    row = _row(exam, answer)
    old = answer_of(row) if row else None
    if row is None and not answer.cleared:
        must_be_asked(exam, answer.finding)
    if _same(old, answer) and not (on_its_own and row is not None and row.revision == answer.revision):
        if moved:
            Exam.objects.filter(pk=exam.pk).update(**moved)
        revision, at = (row.revision, row.recorded) if row else (exam.revision, exam.saved)
        return Saved(observation=row, revision=revision, at=at, changed=False)
    if is_stale(exam, answer, row):
        raise conflict_with(exam, answer, row)
    exam.revision += 1
    exam.saved = timezone.now()
    if answer.cleared:
        moved |= {**stays_open(exam, answer.finding), "cleared_revision": exam.revision}
    change_rows(Exam, {"pk": exam.pk}, {"revision": exam.revision, "saved": exam.saved, **moved})
    stored = _store(desk, exam, answer, row)
    record(
        desk,
        "answer.cleared" if answer.cleared else "answer.saved",
        stored,
        values={
            "exam": str(exam.pk),
            "finding": answer.finding,
            "side": answer.side,
            "old": _said(old) if old else None,
            "new": None if answer.cleared else _said(answer),
            "revision": exam.revision,
        },
        subject=exam.patient_id,
    )
    if answer.cleared:
        Observation.objects.filter(pk=stored.pk, revision=answer.revision).delete()
        return Saved(observation=None, revision=exam.revision, at=exam.saved)
    return Saved(observation=stored, revision=exam.revision, at=exam.saved)


def _row(exam: Exam, answer: Answer) -> Observation | None:
    """Return what the record holds at the answer's place."""
    at = {"clinic": exam.clinic_id, "exam": exam.pk, "finding": answer.finding, "side": answer.side}
    row = one_row(Observation, at)
    if row is not None:
        row.exam = exam
    return row


def _store(desk: Desk, exam: Exam, answer: Answer, row: Observation | None) -> Observation:
    """Insert or update the row, only if it is still at the revision that the answer was given to."""
    if answer.cleared and row is not None:
        return row
    told = {
        **_said(answer),
        "revision": exam.revision,
        "recorded_by_id": desk.user.pk,
        "recorded": exam.saved,
    }
    if row is None:
        return add_row(
            Observation(
                id=answer_id(exam, answer.finding, answer.side),
                clinic=desk.clinic,
                exam=exam,
                finding=answer.finding,
                side=answer.side,
                **told,
            )
        )
    if not change_rows(Observation, {"pk": row.pk, "revision": answer.revision}, told):
        raise conflict_with(exam, answer, Observation.objects.filter(pk=row.pk).first())
    for name, value in told.items():
        setattr(row, name, value)
    return row


def _said(answer: Answer) -> dict[str, str | bool]:
    """Return what the clinician said, without place and bookkeeping."""
    return {name: getattr(answer, name) for name in SAID}


def _same(old: Answer | None, new: Answer) -> bool:
    if old is None or new.cleared:
        return old is None and new.cleared
    return _said(old) == _said(new)


def _repeat(earlier: SavedRequest, answer: Answer) -> Saved:
    """Return the outcome of the first request with this key; refuse another body under the same key."""
    if earlier.body_digest != _digest(answer):
        raise Rejected("Not saved: this save number was used for another answer. Choose the answer again.")
    row = Observation.objects.filter(
        clinic=earlier.clinic_id, exam=earlier.exam_id, finding=answer.finding, side=answer.side
    ).first()
    return Saved(observation=row, revision=earlier.revision, at=earlier.at)


def _digest(answer: Answer) -> str:
    text = json.dumps({name: getattr(answer, name) for name in PARTS}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
