"""Starting an exam and what is done to it as a whole while it is a draft."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam, Opinion, Patient
from exams.services.merging import stands_under
from exams.services.states import locked_exam, must_be_draft, must_be_examiner
from exams.sides import are_known, contradictions
from exams.steps import STEPS
from localization import SITES

TEXT_LENGTH = 2000
MERGED = (
    "This record was merged into another one of the same person. No exam was started. "
    "Open the record that stays; the patient's page names it."
)


def start_exam(
    *,
    desk: Desk,
    patient: Patient,
    protocol: str,
    affected_side: str,
    worse_side: str = "",
    comparison_side: str = "",
    key: UUID | None = None,
) -> Exam:
    """Start a draft for a patient of the desk's clinic, with the clinic's panel mode of today.

    The same person's second request with the same `key`, such as a double tap, gives the same exam.
    """
    sides = {
        "affected_side": affected_side,
        "worse_side": worse_side,
        "comparison_side": comparison_side,
    }
    if protocol not in Exam.Protocol.values or not are_known(*sides.values()):
        raise Refused("No exam was started: choose the protocol and the affected side from the lists.")
    for sentence in contradictions(*sides.values()).values():
        refusal = f"No exam was started. {sentence}"
        raise Refused(refusal)
    now = timezone.now()
    with transaction.atomic():
        if stands_under(desk, patient).pk != patient.pk:
            raise Refused(MERGED, status=409)
        exam, is_new = Exam.objects.get_or_create(
            clinic=desk.clinic,
            pk=uuid5(patient.pk, f"{desk.user.pk}.{key or uuid4()}"),
            defaults={
                "patient": Patient.objects.of(desk.clinic).get(pk=patient.pk),
                "protocol": protocol,
                **sides,
                "examiner": desk.user,
                "started": now,
                "saved": now,
                "panel_mode": desk.clinic.panel_mode,
            },
        )
        if not is_new:
            return exam
        values = {"protocol": protocol, **sides, "panel_mode": exam.panel_mode}
        record(desk, "exam.started", exam, values=values, subject=patient.pk)
    return exam


def widen_exam(*, desk: Desk, exam: Exam) -> Exam:
    """Turn a shorter exam into a full one; what was recorded stays. A full exam is left as it is."""
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        if draft.protocol == Exam.Protocol.FULL:
            return draft
        values = {"old": str(draft.protocol), "new": str(Exam.Protocol.FULL)}
        draft.protocol = Exam.Protocol.FULL
        draft.save(update_fields=["protocol"])
        record(desk, "exam.widened", draft, values=values, subject=draft.patient_id)
    return draft


def remember_step(*, desk: Desk, exam: Exam, slug: str) -> None:
    """Keep where the examiner is, so that the exam resumes there; says nothing about the patient."""
    if slug not in {step.slug for step in STEPS} or slug == exam.current_step:
        return
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        if draft.current_step == slug:
            return  # the same form, sent twice at once
        draft.current_step = slug
        draft.save(update_fields=["current_step"])
        record(desk, "exam.step", draft, values={"step": slug}, subject=draft.patient_id)


def give_impression(*, desk: Desk, exam: Exam, site: str, text: str, answer_in_view: bool) -> Opinion:
    """Write or change the examiner's own impression; an empty site means not placed.

    `answer_in_view` tells whether the ranked sites were on the screen when it was written.
    """
    if site and site not in SITES:
        raise Refused("Not saved: choose a level from the list, or “not placed”.")
    if len(text) > TEXT_LENGTH:
        sentence = f"Not saved: an impression holds at most {TEXT_LENGTH} characters. Shorten it."
        raise Refused(sentence)
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        opinion = impression_of(draft)
        old = None if opinion is None else {"site": opinion.site, "text": opinion.text}
        if opinion is None:
            opinion = Opinion(clinic=desk.clinic, exam=draft, voice=Opinion.Voice.EXAMINER, author=desk.user)
        new = {"site": site, "text": text}
        if old == new:
            return opinion
        opinion.site, opinion.text = site, text
        opinion.answer_in_view, opinion.at = answer_in_view, timezone.now()
        opinion.save()
        Exam.objects.filter(pk=draft.pk).update(saved=opinion.at)
        values = {"old": old, "new": new, "answer_in_view": answer_in_view}
        record(desk, "impression.written", opinion, values=values, subject=draft.patient_id)
    return opinion


def impression_of(exam: Exam) -> Opinion | None:
    """Return the examiner's own impression, if it has been written."""
    return Opinion.objects.filter(
        clinic=exam.clinic_id, exam=exam, voice=Opinion.Voice.EXAMINER, author=exam.examiner_id
    ).first()


def may_show_ranking(exam: Exam) -> bool:
    """Return whether the ranked sites may be on this exam's pages yet, as its clinic set it."""
    return exam.panel_mode == exam.clinic.PanelMode.OPEN or impression_of(exam) is not None


def locked_draft(desk: Desk, exam: Exam) -> Exam:
    """Return the exam, locked until the transaction ends; raises Refused unless it is an own draft."""
    locked = locked_exam(desk.clinic, exam)
    must_be_draft(locked)
    must_be_examiner(locked, desk.user)
    return locked
