"""What may be done to an exam in each of its states: every other act is refused, and nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import transaction

from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam, SignedReport
from exams.services.afterwards import amend, void
from exams.services.review import countersign, return_exam
from exams.services.signing import mark_rest_not_done, sign_exam
from exams.services.states import Act, State
from tests import factories, worlds
from tests.web.signed import sign
from tests.web.witness import checksum

pytestmark = pytest.mark.django_db

# Written out a second time on purpose: what the rules of a signature allow, not what the code does.
LEGAL = {
    State.DRAFT: {Act.CHANGE, Act.VOID},
    State.SUBMITTED: {Act.COUNTERSIGN, Act.RETURN, Act.VOID},
    State.COUNTERSIGNED: {Act.AMEND, Act.VOID},
    State.RETURNED: {Act.VOID},
    State.SUPERSEDED: {Act.VOID},
    State.VOID: set(),
    State.ERASED: set(),
}
# What a refusal says of the state that it is refused in.
WORDS = {
    State.DRAFT: "still a draft",
    State.SUBMITTED: "waits for its supervisor",
    State.COUNTERSIGNED: "is countersigned",
    State.RETURNED: "was returned",
    State.SUPERSEDED: "A newer version took the place",
    State.VOID: "was made void",
    State.ERASED: "was erased",
}


def acts(examiner: Desk, supervisor: Desk, exam: Exam) -> dict[Act, Callable[[], object]]:
    """Return each act as the person who may do it would do it."""
    said = {"password": factories.PASSWORD}
    return {
        Act.CHANGE: lambda: mark_rest_not_done(desk=examiner, exam=exam),
        Act.SIGN: lambda: sign_exam(
            desk=examiner, exam=exam, confirmed_patient=True, confirmed_side=exam.affected_side, **said
        ),
        Act.COUNTERSIGN: lambda: countersign(
            desk=supervisor, exam=exam, agrees=True, site="", comment="", **said
        ),
        Act.RETURN: lambda: return_exam(desk=supervisor, exam=exam, comment="Again."),
        Act.AMEND: lambda: amend(desk=examiner, exam=exam, reason="Tested again."),
        Act.VOID: lambda: void(desk=examiner, exam=exam, reason="Wrong patient."),
    }


@pytest.fixture
def place() -> worlds.Place:
    """A clinic with an exam in every state; the superseded one was returned and signed again."""
    here = worlds.place(worlds.CANARIES[0])
    examiner, supervisor = desks(here)
    void(desk=examiner, exam=here.exams["ready"], reason="Wrong patient.")
    sign(examiner.user, here.exams["reopened"])
    further = {name: worlds.exam_at(examiner, here.patient, here.canary) for name in ("sent back", "erased")}
    for exam in further.values():
        worlds.complete(examiner, exam)
        worlds.sign(examiner, exam)
    return_exam(desk=supervisor, exam=further["sent back"], comment="Again.")
    void(desk=examiner, exam=further["erased"], reason="Wrong patient.")
    # No act erases yet: the state is what a granted erasure will leave.
    Exam.objects.filter(pk=further["erased"].pk).update(state=State.ERASED)
    return replace(here, exams={**here.exams, **further})


EXAMS = {
    State.DRAFT: "draft",
    State.SUBMITTED: "looked",
    State.COUNTERSIGNED: "countersigned",
    State.RETURNED: "sent back",
    State.SUPERSEDED: "returned",
    State.VOID: "ready",
    State.ERASED: "erased",
}


def desks(place: worlds.Place) -> tuple[Desk, Desk]:
    return factories.desk(place.people["examiner"]), factories.desk(place.people["supervisor"])


def test_S04_an_act_that_the_state_does_not_allow_is_refused_and_moves_nothing(place: worlds.Place) -> None:
    before = checksum()
    tried = 0
    for state, name in EXAMS.items():
        exam = Exam.objects.get(pk=place.exams[name].pk)
        assert exam.state == state
        possible = acts(*desks(place), exam)
        # Whether a draft may be signed is said by what is still open in it; the state refuses all the rest.
        for act in sorted(set(possible) - LEGAL[state] - ({Act.SIGN} if state is State.DRAFT else set())):
            with pytest.raises(Refused) as refused:
                possible[act]()
            assert refused.value.status == 409, (state, act)
            assert WORDS[state] in refused.value.sentence, (state, act)
            tried += 1
    assert set(EXAMS) == set(LEGAL) == set(State)
    assert tried == 32
    assert checksum() == before


def test_S04_every_act_that_the_state_allows_is_possible_and_no_signature_carries_over(
    place: worlds.Place,
) -> None:
    held = set(SignedReport.objects.values_list("hash", flat=True))
    for state, name in EXAMS.items():
        for act in sorted(LEGAL[state]):
            with transaction.atomic():
                exam = Exam.objects.get(pk=place.exams[name].pk)
                acts(*desks(place), exam)[act]()
                assert held <= set(SignedReport.objects.values_list("hash", flat=True)), (state, act)
                drafts = Exam.objects.drafts().filter(series=exam.series)
                assert not SignedReport.objects.filter(exam__in=drafts).exists()
                transaction.set_rollback(True)
