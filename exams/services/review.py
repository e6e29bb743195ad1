"""The supervisor's acts: look first, countersign, or return; each one transaction over a locked exam."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clinics.audit import JSON, record
from clinics.desk import Desk
from clinics.models import AuditEvent, Membership
from clinics.refusals import Refused
from exams.models import Decision, Exam, Opinion, SignedReport, TripwireClosure
from exams.services.asked import unsettled_questions
from exams.services.signing import confirm_password, document_of, store_report
from exams.services.states import Act, locked_exam, state_after
from exams.services.versions import open_next_version

OPENED = "review.opened"

OWN_EXAM = (
    "This is your own exam: somebody else has to review it. Nothing was changed. "
    "It stays in the queue of the other supervisors."
)
NOT_SUPERVISOR = (
    "Reviewing is for supervisors of this clinic, and you are not one now. Nothing was changed. "
    "Ask the clinic’s administrator about your role."
)
LOOK_FIRST = "Record your own opinion first, then decide. Nothing was changed."
LOOKED_BEFORE = (
    "Your own opinion of this exam is recorded already and stays as it was. "
    "Go on to the review and write what you think now in the comment."
)
REASON_LENGTH = 500
NO_REASON = f"Not closed: write the reason, in 1 to {REASON_LENGTH} characters. The caution stays open."
NO_CAUTION = "This report holds no caution about brain or spinal cord. Nothing was changed."
CLOSED_ALREADY = (
    "The caution of this version is closed already, and the reason given then stays. Nothing was changed. "
    "Write what you think in the comment of your decision."
)
QUESTIONS_OPEN = (
    "Not countersigned: a question about a single value is still open. What you wrote stays on this page. "
    "Close the question first, or return the exam."
)
OPEN_FIRST = "Open the findings of this version before you decide. Nothing was changed."


class QuestionsOpen(Refused):
    """A question about a single value waits for its answer or to be closed."""


def may_review(desk: Desk, exam: Exam) -> bool:
    """Return whether this person may review this exam: a supervisor who took no part in it."""
    return desk.membership.may_supervise and not _took_part(desk, exam)


def open_review(*, desk: Desk, exam: Exam) -> None:
    """Note that the supervisor opened the findings of this version; raises Refused to others."""
    with transaction.atomic():
        _to_review(desk, exam)
        record(desk, OPENED, exam, subject=exam.patient_id)


def own_look(desk: Desk, exam: Exam) -> Opinion | None:
    """Return the opinion that this supervisor recorded before seeing any other, if there is one."""
    return Opinion.objects.filter(
        clinic=desk.clinic, exam=exam, voice=Opinion.Voice.SUPERVISOR, author=desk.user
    ).first()


def look_first(*, desk: Desk, exam: Exam, site: str, text: str) -> Opinion:
    """Record the supervisor's own opinion; it is given once and never changed. Raises Refused."""
    with transaction.atomic():
        locked = _to_review(desk, exam)
        if own_look(desk, locked) is not None:
            raise Refused(LOOKED_BEFORE)
        look = Opinion.objects.create(
            clinic=desk.clinic,
            exam=locked,
            voice=Opinion.Voice.SUPERVISOR,
            author=desk.user,
            site=site,
            text=text,
            answer_in_view=not desk.clinic.blind_look,
            at=timezone.now(),
        )
        values: dict[str, JSON] = {"exam": str(locked.pk), "site": site, "text": text}
        record(desk, "review.looked", look, values=values, subject=locked.patient_id)
    return look


def close_caution(*, desk: Desk, exam: Exam, reason: str) -> TripwireClosure:
    """Close the caution about brain or cord of a submitted exam, with the reason; its findings stay.

    It is closed once. The same supervisor's same reason sent twice counts once. Raises Refused.
    """
    said = reason.strip()
    if not 0 < len(said) <= REASON_LENGTH:
        raise Refused(NO_REASON)
    with transaction.atomic():
        locked = _to_review(desk, exam)
        _must_have_looked(desk, locked)
        if not document_of(signed_by_examiner(locked)).get("tripwire"):
            raise Refused(NO_CAUTION)
        closure = closure_of(locked)
        if closure is not None:
            if (closure.by_id, closure.reason) == (desk.user.pk, said):
                return closure
            raise Refused(CLOSED_ALREADY)
        closure = TripwireClosure.objects.create(
            clinic=desk.clinic, exam=locked, reason=said, by=desk.user, at=timezone.now()
        )
        values: dict[str, JSON] = {"exam": str(locked.pk), "reason": said}
        record(desk, "review.caution_closed", closure, values=values, subject=locked.patient_id)
    return closure


def closure_of(exam: Exam) -> TripwireClosure | None:
    """Return who closed the caution of this version and why, None while it is open."""
    found = TripwireClosure.objects.filter(clinic=exam.clinic_id, exam=exam)
    return found.select_related("by", "clinic").first()


def countersign(
    *, desk: Desk, exam: Exam, agrees: bool, site: str, comment: str, password: str
) -> SignedReport:
    """Decide on a submitted exam under the supervisor's password, and store the report that says so.

    `site` is the supervisor's own level, empty when it cannot be placed. Raises WrongPassword
    or Refused, QuestionsOpen among them.
    """
    confirm_password(desk, password)
    with transaction.atomic():
        locked = _to_review(desk, exam)
        after = state_after(locked.state, Act.COUNTERSIGN)
        _must_have_looked(desk, locked)
        if unsettled_questions(locked):
            raise QuestionsOpen(QUESTIONS_OPEN)
        outcome = Decision.Outcome.AGREE if agrees else Decision.Outcome.DISAGREE
        meaning = SignedReport.Meaning.AGREED if agrees else SignedReport.Meaning.DISAGREED
        decision = _decide(desk, locked, outcome, site=site, comment=comment, after=after)
        signed = store_report(desk=desk, exam=locked, meaning=meaning, decision=decision)
        # Told last: an event locks the clinic’s trail until the end, and a report takes a while to print.
        _tell(desk, decision)
    return signed


def return_exam(*, desk: Desk, exam: Exam, comment: str) -> Exam:
    """Send a submitted exam back: it keeps its values and signature, and the next version opens as a draft.

    The draft has the same answers, acknowledgements and impression, and belongs to the same examiner.
    """
    with transaction.atomic():
        locked = _to_review(desk, exam)
        after = state_after(locked.state, Act.RETURN)
        _tell(desk, _decide(desk, locked, Decision.Outcome.RETURNED, site="", comment=comment, after=after))
        return open_next_version(desk, locked, timezone.now())


def sent_back(exam: Exam) -> Decision | None:
    """Return the decision that opened this version for its examiner; None for a first or an amended one."""
    before = Decision.objects.filter(clinic=exam.clinic_id, exam__series=exam.series)
    returned = before.filter(exam__version=exam.version - 1, outcome=Decision.Outcome.RETURNED)
    return returned.select_related("supervisor").first()


def signed_by_examiner(exam: Exam) -> SignedReport:
    """Return the report that the examiner signed: what is reviewed, as it was stored."""
    return exam.signed_reports.select_related("exam").get(meaning=SignedReport.Meaning.EXAMINED)


def _to_review(desk: Desk, exam: Exam) -> Exam:
    """Lock the exam and make sure that this person may still review it; raises Refused."""
    locked = locked_exam(desk.clinic, exam)
    held = Membership.objects.filter(clinic=desk.clinic, user=desk.user, is_active=True, user__is_active=True)
    membership = held.first()
    if membership is None or not membership.may_supervise:
        raise Refused(NOT_SUPERVISOR, status=403)
    if _took_part(desk, locked):
        raise Refused(OWN_EXAM, status=403)
    state_after(locked.state, Act.COUNTERSIGN)
    return locked


def _took_part(desk: Desk, exam: Exam) -> bool:
    """Whether the person examined this patient in any version of the exam, or recorded an answer of it."""
    versions = Exam.objects.of(desk.clinic).filter(series=exam.series)
    return (
        versions.filter(examiner=desk.user).exists()
        or exam.observations.filter(recorded_by=desk.user).exists()
    )


def _must_have_looked(desk: Desk, exam: Exam) -> None:
    if desk.clinic.blind_look and own_look(desk, exam) is None:
        raise Refused(LOOK_FIRST)
    opened = AuditEvent.objects.filter(clinic=desk.clinic, object_id=str(exam.pk), act=OPENED, user=desk.user)
    if not opened.exists():
        raise Refused(OPEN_FIRST)


def _decide(
    desk: Desk, exam: Exam, outcome: Decision.Outcome, *, site: str, comment: str, after: Exam.State
) -> Decision:
    decision = Decision.objects.create(
        clinic=desk.clinic,
        exam=exam,
        supervisor=desk.user,
        outcome=outcome,
        site=site,
        comment=comment,
        at=timezone.now(),
    )
    Exam.objects.filter(pk=exam.pk).update(state=after)
    exam.state = after
    return decision


def _tell(desk: Desk, decision: Decision) -> None:
    values = {
        "exam": str(decision.exam_id),
        "outcome": decision.outcome,
        "site": decision.site,
        "comment": decision.comment,
        "state": decision.exam.state,
    }
    record(desk, f"review.{decision.outcome}", decision, values=values, subject=decision.exam.patient_id)
