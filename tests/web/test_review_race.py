"""Two supervisors at one exam, and a role taken away while deciding: one decision, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection

from clinics.audit import verify_chain
from clinics.desk import Desk
from clinics.models import Membership
from clinics.refusals import Refused
from exams.models import Decision, Exam
from exams.services.review import countersign, return_exam
from tests import factories
from tests.web.reviewed import looked_at, submitted_exam

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Sequence[Callable[[], object]]) -> list[bool]:
    """Do everything at the same moment on connections of their own; say for each whether it was allowed."""
    start = Barrier(len(acts))

    def attempt(act: Callable[[], object]) -> bool:
        start.wait(timeout=30)
        try:
            act()
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(attempt, acts))


def agree(desk: Desk, exam: Exam) -> object:
    return countersign(desk=desk, exam=exam, agrees=True, site="", comment="", password=factories.PASSWORD)


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


def test_Z10_a_role_taken_away_at_that_moment_leaves_one_decision_or_none(
    owner: User, supervisor: User
) -> None:
    exam = looked_at(supervisor, submitted_exam(owner))
    desk = factories.desk(supervisor)
    demote = Membership.objects.filter(user=supervisor).update
    heard, _ = at_once([lambda: agree(desk, exam), lambda: demote(role="examiner")])
    exam.refresh_from_db()
    assert exam.state == (Exam.State.COUNTERSIGNED if heard else Exam.State.SUBMITTED)
    assert Decision.objects.count() == exam.signed_reports.count() - 1 == int(heard)
    with pytest.raises(Refused):
        return_exam(desk=desk, exam=exam, comment="Again")
