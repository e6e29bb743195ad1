"""An answer that comes late, or from a page that has not seen the last change: what is recorded stays."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from exams.models import Exam, Observation
from exams.services.answers import Conflict
from tests import factories
from tests.web.saved import save, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def test_saying_what_another_page_said_changes_nothing_and_leaves_no_event(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    again = save(owner, draft, token="2", revision=0)
    assert again.revision == first.revision
    assert len(trail(draft)) == 1


def test_C04_an_answer_held_up_does_not_beat_the_recorded_value_said_again(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    again = save(owner, draft, token="2", revision=first.revision)
    assert again.revision > first.revision
    assert [event.act for event in trail(draft)] == ["answer.saved", "answer.saved"]
    with pytest.raises(Conflict):
        save(owner, draft, token="4", revision=first.revision)
    assert Observation.objects.get().token == "2"


def test_C04_an_answer_held_up_does_not_beat_a_later_clearing(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    cleared = save(owner, draft, cleared=True, revision=first.revision)
    with pytest.raises(Conflict) as caught:
        save(owner, draft, token="4", revision=0)
    assert (caught.value.theirs, caught.value.revision) == (None, cleared.revision)
    assert not Observation.objects.exists()
    assert save(owner, draft, token="4", revision=caught.value.revision).revision > cleared.revision


def test_an_unset_answer_is_no_conflict_where_only_another_one_was_cleared(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    save(owner, draft, cleared=True, revision=first.revision)
    assert save(owner, draft, side="right", token="4", revision=0).changed


def test_a_revision_that_no_page_was_given_is_a_conflict(owner: User, draft: Exam) -> None:
    with pytest.raises(Conflict):
        save(owner, draft, token="2", revision=1)
    assert not Observation.objects.exists()


def test_a_stale_edit_is_a_conflict_with_both_values_who_and_when(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    second = save(owner, draft, token="3", revision=first.revision)
    with pytest.raises(Conflict) as caught:
        save(owner, draft, token="4", revision=first.revision)
    conflict = caught.value
    assert (conflict.yours.token, conflict.theirs and conflict.theirs.token) == ("4", "3")
    assert (conflict.who, conflict.when) == ("Olive Owner", second.at)
    assert Observation.objects.get().token == "3"
    assert len(trail(draft)) == 2


def test_an_answer_cleared_elsewhere_conflicts_and_says_who_cleared_it(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    save(owner, draft, cleared=True, revision=first.revision)
    with pytest.raises(Conflict) as caught:
        save(owner, draft, token="4", revision=first.revision)
    assert caught.value.theirs is None
    assert caught.value.who == "Olive Owner"
    assert caught.value.when is not None


def test_an_answer_given_elsewhere_first_is_a_conflict(owner: User, draft: Exam) -> None:
    save(owner, draft, token="2")
    with pytest.raises(Conflict):
        save(owner, draft, token="3")
