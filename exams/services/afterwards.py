"""What is done to an exam as a whole: amending, adding, voiding, handing over; nothing is ever deleted."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Membership
from clinics.refusals import Refused
from exams.models import Exam, Remark
from exams.services.states import Act, locked_exam, must_be_draft, must_be_examiner, state_after
from exams.services.versions import open_next_version

REASON_LENGTH = 2000
SAY_WHY = f"Nothing was changed: write why, in 1 to {REASON_LENGTH} characters."
NEWER = "A newer version of this exam is open already. Nothing was changed. Go on in that one."
NOT_SIGNED = (
    "Something can be added only to a signed report that still stands. Nothing was changed. "
    "Open the newest version, or record the finding in the draft itself."
)
NOT_YOURS = (
    "Only the examiner of this exam or a supervisor may do this. Nothing was changed. "
    "Ask one of them; the record names them."
)
NOT_TO = (
    "A draft can be handed over only to somebody else who examines in this clinic. Nothing was changed. "
    "Choose a name from the list."
)


def may_decide(desk: Desk, exam: Exam) -> bool:
    """Return whether this person may amend, add to or void the exam: its examiner, or a supervisor."""
    own = exam.examiner_id == desk.user.pk and desk.membership.may_examine
    return own or desk.membership.may_supervise


def amend(*, desk: Desk, exam: Exam, reason: str) -> Exam:
    """Open the next version of a countersigned exam as a draft of its examiner, and return it.

    The countersigned version stays readable and stands until the amended one is signed; then it is marked
    superseded. No signature carries over. Raises Refused: no reason, not this person's, or another state.
    """
    why = _reason(reason)
    with transaction.atomic():
        locked = _decided_by(desk, exam)
        state_after(locked.state, Act.AMEND)
        if Exam.objects.of(desk.clinic).filter(series=locked.series, version__gt=locked.version).exists():
            raise Refused(NEWER)
        draft = open_next_version(desk, locked, timezone.now())
        _remark(desk, draft, Remark.Kind.AMENDED, why, act="exam.amended")
    return draft


def amended_because(exam: Exam) -> Remark | None:
    """Return why this version was opened by its examiner; None for a first or a returned one."""
    reasons = exam.remarks.filter(clinic=exam.clinic_id, kind=Remark.Kind.AMENDED)
    return reasons.select_related("by").first()


def add_later(*, desk: Desk, exam: Exam, text: str) -> Remark:
    """Add a dated remark to a signed exam without touching a finding, its report or its signatures."""
    said = _reason(text)
    with transaction.atomic():
        locked = _decided_by(desk, exam)
        if not locked.is_signed:
            raise Refused(NOT_SIGNED)
        return _remark(desk, locked, Remark.Kind.ADDENDUM, said, act="exam.addendum")


def void(*, desk: Desk, exam: Exam, reason: str) -> None:
    """Make an exam void, such as one recorded under the wrong patient; it is kept, with the reason."""
    why = _reason(reason)
    with transaction.atomic():
        locked = _decided_by(desk, exam)
        after = state_after(locked.state, Act.VOID)
        Exam.objects.filter(pk=locked.pk).update(state=after)
        _remark(desk, locked, Remark.Kind.VOIDED, why, act="exam.voided")
        exam.state = after


def hand_over(*, desk: Desk, exam: Exam, to: User, reason: str) -> None:
    """Make a colleague the examiner of an own draft; what was recorded keeps its author."""
    why = _reason(reason)
    with transaction.atomic():
        locked = locked_exam(desk.clinic, exam)
        must_be_draft(locked)
        must_be_examiner(locked, desk.user)
        if to not in colleagues(desk):
            raise Refused(NOT_TO)
        Exam.objects.filter(pk=locked.pk).update(examiner=to)
        _remark(desk, locked, Remark.Kind.HANDED_OVER, why, act="exam.handed_over", to=to)
        exam.examiner = to


def colleagues(desk: Desk) -> tuple[User, ...]:
    """Return who else examines in the desk's clinic now, by name."""
    held = Membership.objects.current().filter(clinic=desk.clinic).exclude(user=desk.user)
    seats = held.select_related("user").order_by("user__last_name", "user__first_name", "pk")
    return tuple(seat.user for seat in seats if seat.may_examine)


def _decided_by(desk: Desk, exam: Exam) -> Exam:
    locked = locked_exam(desk.clinic, exam)
    if not may_decide(desk, locked):
        raise Refused(NOT_YOURS, status=403)
    return locked


def _remark(
    desk: Desk, exam: Exam, kind: Remark.Kind, text: str, *, act: str, to: User | None = None
) -> Remark:
    remark = Remark.objects.create(
        clinic=desk.clinic, exam=exam, kind=kind, text=text, to=to, by=desk.user, at=timezone.now()
    )
    values = {"text": text} if to is None else {"text": text, "from": desk.user.email, "to": to.email}
    record(desk, act, exam, values=values, subject=exam.patient_id)
    return remark


def _reason(said: str) -> str:
    """Return the words without the space around them; raises Refused for none, or for too many."""
    words = said.strip()
    if not words or len(words) > REASON_LENGTH:
        raise Refused(SAY_WHY)
    return words
