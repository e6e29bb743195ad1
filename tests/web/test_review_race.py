"""Two supervisors at one exam, and a role taken away while deciding: one decision, or none."""

from __future__ import annotations

import random
from functools import partial

import pytest
from django.contrib.auth.models import User

from clinics.audit import verify_chain
from clinics.models import Membership
from clinics.refusals import Refused
from exams.models import Decision, Exam
from exams.services.review import return_exam
from tests import factories
from tests.web.racing import agree, at_once, later, repeated
from tests.web.reviewed import looked_at, submitted_exam

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_supervisors_who_decide_at_once_one_is_heard(owner: User, supervisor: User) -> None:
    exam = submitted_exam(owner)
    second = factories.person(exam.clinic, "supervisor", "Sanna Second")
    looked_at(supervisor, exam)
    looked_at(second, exam)
    one, other = factories.desk(supervisor), factories.desk(second)
    heard = at_once([lambda: agree(one, exam), lambda: return_exam(desk=other, exam=exam, comment="Again")])
    assert sorted(heard) == [False, True]
    exam.refresh_from_db()
    agreed = heard[0]
    assert exam.state == (Exam.State.COUNTERSIGNED if agreed else Exam.State.RETURNED)
    assert Decision.objects.get().outcome == ("agree" if agreed else "returned")
    assert exam.signed_reports.count() == (2 if agreed else 1)
    assert Exam.objects.count() == (1 if agreed else 2)
    assert verify_chain(exam.clinic) is None


def test_a_double_tap_countersigns_once(owner: User, supervisor: User) -> None:
    exam = looked_at(supervisor, submitted_exam(owner))
    desk = factories.desk(supervisor)
    assert sorted(at_once([lambda: agree(desk, exam)] * 2)) == [False, True]
    assert exam.signed_reports.count() == 2
    assert Decision.objects.count() == 1


def demote_while_deciding(owner: User, supervisor: User, draw: random.Random) -> str:
    """Take the supervisor's role away and countersign at once; say which came first."""
    Membership.objects.filter(user=supervisor).update(role="supervisor")
    exam, next_one = (looked_at(supervisor, submitted_exam(owner)) for _ in range(2))
    desk = factories.desk(supervisor)
    demote = Membership.objects.filter(user=supervisor).update
    heard, _ = at_once([later(lambda: agree(desk, exam), draw), later(lambda: demote(role="examiner"), draw)])
    exam.refresh_from_db()
    assert exam.state == (Exam.State.COUNTERSIGNED if heard else Exam.State.SUBMITTED)
    decided = Decision.objects.filter(exam=exam).count()
    assert decided == exam.signed_reports.count() - 1 == int(heard)
    with pytest.raises(Refused):
        return_exam(desk=desk, exam=next_one, comment="Again")
    return "countersigned, then demoted" if heard else "demoted, decision refused"


def test_Z10_a_role_taken_away_at_that_moment_leaves_one_decision_or_none(
    owner: User, supervisor: User
) -> None:
    assert repeated(owner, partial(demote_while_deciding, owner, supervisor), 3).total() == 3


@pytest.mark.long
def test_Z10_a_role_taken_away_two_hundred_times_leaves_one_decision_or_none(
    owner: User, supervisor: User
) -> None:
    found = repeated(owner, partial(demote_while_deciding, owner, supervisor), 200)
    assert len(found) == 2, "both orders have to happen, or this is no race"
