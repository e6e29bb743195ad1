"""Several people at one answer: nobody's acknowledged answer is lost unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Barrier
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection

from clinics.audit import verify_chain
from clinics.desk import Desk
from clinics.models import AuditEvent
from exams.models import Exam, Observation, SavedRequest
from exams.services.answers import Answer, Conflict, save_answer
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
GRADES = ("0", "1", "2", "3", "4-", "4", "4+", "5")


@dataclass(frozen=True)
class Write:
    """One acknowledged answer: what it had seen, what it became, and what it said."""

    seen: int
    revision: int
    token: str


def lost_updates(writes: Iterable[Write], final: tuple[int, str]) -> list[Write]:
    """Return the acknowledged answers that were overwritten by one that had not seen them."""
    chain = sorted(writes, key=lambda write: write.revision)
    lost = [
        before
        for before, after in pairwise(chain)
        if after.seen != before.revision or after.revision == before.revision
    ]
    if chain and (chain[-1].revision, chain[-1].token) != final:
        lost.append(chain[-1])
    return lost


@pytest.fixture
def desk(owner: User) -> Desk:
    return factories.desk(owner)


@pytest.fixture
def draft(desk: Desk) -> Exam:
    return factories.exam(desk)


def in_threads(work: Callable[[int], list[Write]]) -> list[Write]:
    """Run the work of all writers at once, each with a database connection of its own."""
    start = Barrier(WRITERS)

    def writer(number: int) -> list[Write]:
        start.wait(timeout=30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return [write for writes in pool.map(writer, range(WRITERS)) for write in writes]


def attempt(desk: Desk, draft: Exam, seen: int, token: str, key: str = "") -> list[Write]:
    answer = Answer(finding="ankle_dorsiflexion", side="left", token=token, revision=seen)
    try:
        saved = save_answer(desk=desk, exam=draft, answer=answer, key=key or uuid4().hex)
    except Conflict:
        return []
    return [Write(seen, saved.revision, token)] if saved.changed else []


def test_of_eight_who_saw_the_same_revision_exactly_one_wins(desk: Desk, draft: Exam) -> None:
    first = factories.answer(desk, draft, "ankle_dorsiflexion.left", "weak")
    won = in_threads(lambda number: attempt(desk, draft, first.revision, GRADES[number]))
    row = Observation.objects.get()
    assert [(write.revision, write.token) for write in won] == [(row.revision, row.token)]
    assert AuditEvent.objects.filter(act="answer.saved").count() == 2


def test_of_eight_first_answers_exactly_one_is_stored(desk: Desk, draft: Exam) -> None:
    won = in_threads(lambda number: attempt(desk, draft, 0, GRADES[number]))
    assert len(won) == 1
    assert Observation.objects.get().token == won[0].token


def test_eight_writers_who_read_and_write_lose_nothing(desk: Desk, draft: Exam) -> None:
    factories.answer(desk, draft, "ankle_dorsiflexion.left", "weak")
    rounds = 12

    def work(number: int) -> list[Write]:
        mine: list[Write] = []
        for turn in range(rounds):
            seen = Observation.objects.get().revision
            token = GRADES[(number + turn) % len(GRADES)]
            mine += attempt(desk, draft, seen, token)
        return mine

    writes = in_threads(work)
    row = Observation.objects.get()
    draft.refresh_from_db()
    first = Write(0, 1, "weak")
    assert lost_updates([first, *writes], (row.revision, row.token)) == []
    assert len({write.revision for write in writes}) == len(writes) == draft.revision - 1
    assert AuditEvent.objects.filter(act="answer.saved").count() == draft.revision
    assert verify_chain(draft.clinic) is None


def test_C03_one_request_sent_eight_times_at_once_has_one_effect(desk: Desk, draft: Exam) -> None:
    """C-03: the same key and body, all at once: one answer, one event, eight equal replies."""
    key = uuid4().hex
    replies = in_threads(lambda _: attempt(desk, draft, 0, "2", key))
    assert {reply.revision for reply in replies} == {1}
    assert len(replies) == WRITERS
    assert AuditEvent.objects.filter(act="answer.saved").count() == SavedRequest.objects.count() == 1


def test_answers_to_different_findings_do_not_stand_in_each_others_way(desk: Desk, draft: Exam) -> None:
    findings = ("hip_abduction", "knee_extension", "toe_flexion", "hip_flexion")

    def work(number: int) -> list[Write]:
        side = ("left", "right")[number % 2]
        place = f"{findings[number // 2]}.{side}"
        saved = factories.answer(desk, draft, place, "4")
        return [Write(0, saved.revision, "4")]

    writes = in_threads(work)
    assert sorted(write.revision for write in writes) == list(range(1, WRITERS + 1))
    assert Observation.objects.count() == WRITERS


def test_the_check_itself_sees_a_lost_update() -> None:
    unseen = [Write(0, 1, "2"), Write(1, 2, "3"), Write(1, 3, "4")]
    assert lost_updates(unseen, (3, "4")) == [unseen[1]]
    assert lost_updates(unseen[:2], (2, "2")) == [unseen[1]]
    assert lost_updates(unseen[:2], (2, "3")) == []
