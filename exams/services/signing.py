"""Signing: the report is built once, hashed, printed and stored, and from then on only read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.document import Signature, add_decision, build_document, canonical, digest
from exams.models import Decision, Exam, Observation, SignedReport
from exams.pdf import PdfFailed, render_pdf
from exams.services.checking import open_answers
from exams.services.holding import SIGNED, document_of, signature_holds
from exams.services.letterhead import kept_logo
from exams.services.localizing import localize_exam, pathways_of
from exams.services.passwords import WrongPassword, confirm_password
from exams.services.states import Act, allowed, locked_exam, must_be_examiner, state_after
from exams.sheet import Place, sheet_of
from exams.steps import required_findings

__all__ = [
    "Problem",
    "SigningRefused",
    "WrongPassword",
    "confirm_password",
    "document_of",
    "draft_document",
    "mark_rest_not_done",
    "sign_exam",
    "signature_holds",
    "store_report",
]

NOT_DONE = "not_done"
MAY_NOT_SIGN = (
    "Your role in this clinic does not sign exams. Everything recorded is kept. "
    "Ask the examiner who supervises you to sign."
)
CONFIRM_PATIENT = "Confirm that this is the patient you examined."
WRONG_SIDE = "The side you chose is not the affected side of this exam. Check the patient, then choose again."
CHOOSE_SIDE = "Choose the affected side again."
BROKEN = (
    "The examiner's signature does not hold: something that was signed was altered afterwards. "
    "Nothing was signed. Tell the clinic's administrator."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that stands in the way of a signature: the field it belongs to, and the sentence for it.

    For something open `finding` and `side` name the place (no finding: the impression); what is not
    `required` can be marked as not done together with the rest.
    """

    field: Literal["answers", "confirmed_patient", "confirmed_side", "password"]
    text: str
    finding: str = ""
    side: str = ""
    required: bool = True


class SigningRefused(Exception):  # noqa: N818 - an answer to the user, not a programming error
    """The exam cannot be signed yet; `problems` say why, in the order of the page. Nothing was changed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = problems


def sign_exam(
    *, desk: Desk, exam: Exam, password: str, confirmed_patient: bool, confirmed_side: str
) -> SignedReport:
    """Sign an own draft as its examiner, store the report and send it to the supervisor.

    Raises SigningRefused with everything that is missing, a wrong password included, and Refused when
    this person may not sign this exam or its state does not allow it. Nothing is changed then.
    """
    if not desk.membership.may_sign:
        raise Refused(MAY_NOT_SIGN, status=403)
    must_be_examiner(exam, desk.user)
    state_after(exam.state, Act.SIGN)
    _check(exam, confirmed_patient, confirmed_side)
    try:
        confirm_password(desk, password)
    except WrongPassword as error:
        raise SigningRefused((Problem(field="password", text=str(error)),)) from error
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        must_be_examiner(locked, desk.user)
        after = state_after(locked.state, Act.SIGN)
        _check(locked, confirmed_patient, confirmed_side)
        signed = store_report(desk=desk, exam=locked, meaning=SignedReport.Meaning.EXAMINED)
        Exam.objects.filter(pk=locked.pk).update(state=after, submitted=signed.at)
        _supersede_earlier(desk, locked)
        exam.state, exam.submitted = after, signed.at
    return signed


def store_report(
    *, desk: Desk, exam: Exam, meaning: SignedReport.Meaning, decision: Decision | None = None
) -> SignedReport:
    """Store the signed report of an exam whose row the caller holds locked, in the caller's transaction.

    The examiner's report is built from the record. A supervisor's is the examiner's stored document with
    `decision` and a second signature: the answer is not computed again. Raises Refused when that document
    no longer holds, PdfBusy when the printer is busy, and PdfFailed when the paper cannot be made.
    """
    at = timezone.now()
    signature = _signature(desk, meaning, at)
    if decision is None:
        document = _document(exam, (signature,))
    else:
        document = add_decision(_held(exam), exam=exam, decision=decision, signature=signature)
    text = canonical(document)
    hashed = digest(text)
    logo = kept_logo(document, desk.clinic.pk)
    if logo is None:
        raise PdfFailed
    pdf = render_pdf(document, hashed=hashed, logo=logo)
    signed = SignedReport.objects.create(
        clinic=desk.clinic,
        exam=exam,
        meaning=meaning,
        signed_by=desk.user,
        role=desk.membership.role,
        at=at,
        document=text,
        hash=hashed,
        pdf=pdf,
        pdf_hash=digest(pdf),
        engine_version=document["versions"]["engine"],
        knowledge_digest=document["versions"]["digest"],
        template_version=document["versions"]["template"],
    )
    values = {
        "exam": str(exam.pk),
        "meaning": str(meaning.value),
        "hash": hashed,
        "pdf_hash": signed.pdf_hash,
    }
    record(desk, SIGNED, signed, values=values, subject=exam.patient_id)
    return signed


def draft_document(exam: Exam) -> dict[str, Any]:
    """Return the report of a draft as the record stands now; it says DRAFT and is stored nowhere."""
    return _document(exam, ())


def mark_rest_not_done(*, desk: Desk, exam: Exam) -> int:
    """Record every open answer beyond those that are required as not tested, not done; returns how many.

    The required ones stay open: each needs its own answer or its own reason.
    """
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        must_be_examiner(locked, desk.user)
        state_after(locked.state, Act.CHANGE)
        required = required_findings(locked.protocol)
        places = [place for place in sheet_of(locked).open_places if place[0] not in required]
        if places:
            _write_not_done(desk, locked, places)
    return len(places)


def _write_not_done(desk: Desk, exam: Exam, places: Iterable[Place]) -> None:
    now, revision = timezone.now(), exam.revision
    rows = []
    for finding, side in places:
        revision += 1
        rows.append(
            Observation(
                clinic=desk.clinic,
                exam=exam,
                finding=finding,
                side=side,
                not_tested=True,
                reason=NOT_DONE,
                revision=revision,
                recorded_by=desk.user,
                recorded=now,
            )
        )
    Observation.objects.bulk_create(rows)
    Exam.objects.filter(pk=exam.pk).update(revision=revision, saved=now)
    marked = [[row.finding, row.side] for row in rows]
    record(
        desk,
        "answers.not_done",
        exam,
        values={"places": marked, "after": exam.revision},
        subject=exam.patient_id,
    )


def _check(exam: Exam, confirmed_patient: bool, confirmed_side: str) -> None:
    """Raise SigningRefused with everything that still stands in the way of a signature."""
    problems = [
        Problem(field="answers", text=item.text, finding=item.finding, side=item.side, required=item.required)
        for item in open_answers(exam)
    ]
    if not confirmed_patient:
        problems.append(Problem(field="confirmed_patient", text=CONFIRM_PATIENT))
    if confirmed_side != exam.affected_side:
        text = WRONG_SIDE if confirmed_side else CHOOSE_SIDE
        problems.append(Problem(field="confirmed_side", text=text))
    if problems:
        raise SigningRefused(tuple(problems))


def _supersede_earlier(desk: Desk, exam: Exam) -> None:
    """Mark earlier versions as superseded by this signed one; they keep their values and signatures."""
    earlier = Exam.objects.of(desk.clinic).filter(series=exam.series, version__lt=exam.version)
    for version in earlier.select_for_update(of=("self",)).order_by("version"):
        if not allowed(version.state, Act.SUPERSEDE):
            continue
        after = state_after(version.state, Act.SUPERSEDE)
        Exam.objects.filter(pk=version.pk).update(state=after)
        record(desk, "exam.superseded", version, values={"by": str(exam.pk)}, subject=exam.patient_id)


def _document(exam: Exam, signatures: tuple[Signature, ...]) -> dict[str, Any]:
    sheet = sheet_of(exam)
    reading = localize_exam(exam, sheet.rows)
    return build_document(
        exam,
        reading=reading,
        pathways=pathways_of(exam, sheet.rows, reading.report),
        asked=tuple(sheet.finding_ids),
        signatures=signatures,
    )


def _signature(desk: Desk, meaning: SignedReport.Meaning, at: datetime) -> Signature:
    return Signature(
        meaning=meaning,
        name=desk.user.get_full_name(),
        role=desk.membership.role,
        role_name=desk.membership.get_role_display(),
        at=at,
        user_id=desk.user.pk,
        registration=desk.membership.registration,
    )


def _held(exam: Exam) -> dict[str, Any]:
    """Return the examiner's stored document; raises Refused when its signature does not hold."""
    signed = exam.signed_reports.get(meaning=SignedReport.Meaning.EXAMINED)
    if not signature_holds(signed):
        raise Refused(BROKEN)
    return document_of(signed)
