"""The door of every view: loads a record of the person's own clinic, or answers as if it did not exist."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.http import Http404

from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam, Patient
from exams.services.states import must_be_draft, must_be_examiner
from exams.steps import STEPS, Step, steps_for

__all__ = ["Refused", "draft_for", "exam_for", "patient_for", "step_or_404", "submitted_for"]

NO_EXAM = "There is no such exam in this clinic."
NO_PATIENT = "There is no such patient in this clinic."


def patient_for(desk: Desk, patient_id: UUID) -> Patient:
    """Return a patient of the desk's clinic; anything else is 404."""
    patient = Patient.objects.of(desk.clinic).filter(pk=patient_id).first()
    if patient is None:
        raise Http404(NO_PATIENT)
    return patient


def exam_for(desk: Desk, exam_id: UUID) -> Exam:
    """Return an exam of the desk's clinic with its patient and examiner; anything else is 404."""
    found = Exam.objects.of(desk.clinic).select_related("patient", "examiner", "clinic")
    exam = found.filter(pk=exam_id).first()
    if exam is None:
        raise Http404(NO_EXAM)
    return exam


def draft_for(desk: Desk, exam_id: UUID) -> Exam:
    """Return a draft that this person examines; raises Refused when it is signed or another's."""
    exam = exam_for(desk, exam_id)
    must_be_draft(exam)
    must_be_examiner(exam, desk.user)
    return exam


def submitted_for(desk: Desk, exam_id: UUID) -> Exam:
    """Return an exam that waits for a supervisor; raises Refused for a draft or one that is decided."""
    exam = exam_for(desk, exam_id)
    if exam.state != Exam.State.SUBMITTED:
        sentence = "This exam does not wait for a review. Everything recorded is kept. Go back to the list."
        raise Refused(sentence)
    return exam


def step_or_404(exam: Exam, slug: str, extra: Collection[str] = ()) -> Step:
    """Return a step of this exam, narrowed to what its protocol and `extra` ask; anything else is 404."""
    for step in steps_for(exam.protocol, extra):
        if step.slug == slug:
            return step
    if slug in {step.slug for step in STEPS}:
        raise Http404("This step is not part of this exam. Widen the exam to the full one to open it.")
    raise Http404("There is no such step in the exam.")
