"""The states of an exam and the acts that move it, as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User

from clinics.models import Clinic
from clinics.prepared import one_row
from clinics.refusals import Refused
from exams.models import Exam

State = Exam.State


class Act(StrEnum):
    """What can be done to an exam as a whole."""

    CHANGE = "change"
    SIGN = "sign"
    COUNTERSIGN = "countersign"
    RETURN = "return"
    AMEND = "amend"
    SUPERSEDE = "supersede"
    VOID = "void"
    ERASE = "erase"


# From each state, the acts that are allowed and where they lead. An act that is not listed is refused.
TRANSITIONS: Mapping[str, Mapping[Act, State]] = {
    State.DRAFT: {Act.CHANGE: State.DRAFT, Act.SIGN: State.SUBMITTED, Act.VOID: State.VOID},
    State.SUBMITTED: {
        Act.COUNTERSIGN: State.COUNTERSIGNED,
        Act.RETURN: State.RETURNED,
        Act.VOID: State.VOID,
    },
    State.COUNTERSIGNED: {
        # The version stands until the amended one is signed.
        Act.AMEND: State.COUNTERSIGNED,
        Act.SUPERSEDE: State.SUPERSEDED,
        Act.VOID: State.VOID,
    },
    State.RETURNED: {Act.SUPERSEDE: State.SUPERSEDED, Act.VOID: State.VOID},
    State.SUPERSEDED: {Act.VOID: State.VOID},
    State.VOID: {Act.ERASE: State.ERASED},
    State.ERASED: {},
}

# Why an act is refused in a state: what happened, what is kept, what to do.
REASONS: Mapping[str, str] = {
    State.DRAFT: "This exam is still a draft. Everything recorded is kept. Its examiner signs it first.",
    State.SUBMITTED: (
        "This exam is signed and waits for its supervisor. Everything recorded is kept. "
        "To change it, ask the supervisor to return it: that opens a new version."
    ),
    State.COUNTERSIGNED: (
        "This exam is countersigned and can no longer be changed. Everything recorded is kept. "
        "Amend it on the page of its record, or start a new exam of this patient."
    ),
    State.RETURNED: (
        "This version was returned and is kept as it was signed. Go on in the newer version of this exam."
    ),
    State.SUPERSEDED: "A newer version took the place of this one, which is kept. Open the newer version.",
    State.VOID: "This exam was made void and is kept only for the record. Start a new exam for this patient.",
    State.ERASED: "This exam was erased on request. Nothing of it is left to change. Start a new exam.",
}


def allowed(state: str, act: Act) -> bool:
    """Return whether an exam in this state may undergo the act."""
    return act in TRANSITIONS[state]


def state_after(state: str, act: Act) -> State:
    """Return the state that follows; raises Refused (409) with the reason when the act is not allowed."""
    if not allowed(state, act):
        raise Refused(REASONS[state], status=409)
    return TRANSITIONS[state][act]


def must_be_draft(exam: Exam) -> None:
    """Raise Refused (409), with the reason, unless answers of the exam may still change."""
    state_after(exam.state, Act.CHANGE)


def must_be_examiner(exam: Exam, user: User) -> None:
    """Raise Refused (403) unless this person is the exam's examiner."""
    if exam.examiner_id != user.pk:
        sentence = "Only the examiner of this exam can change it. Everything recorded is kept."
        raise Refused(sentence, status=403)


def locked_exam(clinic: Clinic, exam: Exam | UUID) -> Exam:
    """Return an exam of the clinic, given or named by its id, its row locked until the transaction ends.

    Changes to one exam so happen in turn. Raises Exam.DoesNotExist for an exam of another clinic.
    """
    pk = exam.pk if isinstance(exam, Exam) else exam
    locked = one_row(Exam, {"clinic": clinic.pk, "pk": pk}, locked=True)
    if locked is None:
        raise Exam.DoesNotExist(pk)
    locked.clinic = clinic
    return locked
