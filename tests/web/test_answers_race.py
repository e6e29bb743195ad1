"""Several people at one answer: nobody's acknowledged answer is lost unseen."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Barrier
from typing import TypeVar
from uuid import UUID, uuid4

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
CLEARED = ""
GRADES = ("0", "1", "2", "3", "4-", "4", "4+", "5")
FINDINGS = ("ankle_dorsiflexion", "hip_abduction", "knee_extension")

Told = TypeVar("Told")


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


def in_threads(work: Callable[[int], list[Told]]) -> list[Told]:
    """Run the work of all writers at once, each with a database connection of its own."""
    start = Barrier(WRITERS)

    def writer(number: int) -> list[Told]:
        start.wait(timeout=30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return [told for one in pool.map(writer, range(WRITERS)) for told in one]


def attempt(
    desk: Desk, draft: Exam, seen: int, token: str, key: str = "", finding: str = "ankle_dorsiflexion"
) -> list[Write]:
    answer = Answer(finding=finding, side="left", token=token, revision=seen, cleared=token == CLEARED)
    try:
        saved = save_answer(desk=desk, exam=draft, answer=answer, key=key or uuid4().hex)
    except Conflict:
        return []
    return [Write(seen, saved.revision, token)] if saved.changed else []


def test_C01_of_eight_who_saw_the_same_revision_exactly_one_wins(desk: Desk, draft: Exam) -> None:
    first = factories.answer(desk, draft, "ankle_dorsiflexion.left", "weak")
    won = in_threads(lambda number: attempt(desk, draft, first.revision, GRADES[number]))
    row = Observation.objects.get()
    assert [(write.revision, write.token) for write in won] == [(row.revision, row.token)]
    assert AuditEvent.objects.filter(act="answer.saved").count() == 2


def test_C01_of_eight_first_answers_exactly_one_is_stored(desk: Desk, draft: Exam) -> None:
    won = in_threads(lambda number: attempt(desk, draft, 0, GRADES[number]))
    assert len(won) == 1
    assert Observation.objects.get().token == won[0].token


def test_C01_eight_writers_who_read_and_write_lose_nothing(desk: Desk, draft: Exam) -> None:
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


def random_history(owner: User, acts: int, exams: int) -> None:
    """Let all writers give random answers to a few fields of a few exams, some without having looked."""
    desk = factories.desk(owner)
    drafts = [factories.exam(desk, protocol="full") for _ in range(exams)]
    writes = in_threads(lambda number: _random_writes(desk, drafts, acts, random.Random(number)))  # noqa: S311
    chains: defaultdict[tuple[UUID, str], list[Write]] = defaultdict(list)
    for (pk, finding), write in writes:
        chains[pk, finding].append(write)
    for (pk, finding), chain in chains.items():
        row = Observation.objects.get(exam=pk, finding=finding)
        assert lost_updates(chain, (row.revision, row.token)) == []
        assert min(chain, key=lambda write: write.revision).seen == 0
    for draft in drafts:
        draft.refresh_from_db()
        told = sorted(write.revision for (pk, _), write in writes if pk == draft.pk)
        assert told == list(range(1, draft.revision + 1))
    assert AuditEvent.objects.filter(act="answer.saved").count() == len(writes) > WRITERS
    assert verify_chain(desk.clinic) is None


def _random_writes(
    desk: Desk, drafts: Sequence[Exam], acts: int, draw: random.Random
) -> list[tuple[tuple[UUID, str], Write]]:
    mine: list[tuple[tuple[UUID, str], Write]] = []
    seen: dict[tuple[UUID, str], int] = {}
    for _ in range(acts):
        draft, finding = draw.choice(drafts), draw.choice(FINDINGS)
        place = (draft.pk, finding)
        if place not in seen or draw.random() < 0.8:
            row = Observation.objects.filter(exam=draft, finding=finding).first()
            seen[place] = row.revision if row else 0
        told = attempt(desk, draft, seen[place], draw.choice(GRADES), finding=finding)
        mine += [(place, write) for write in told]
    return mine


def test_C01_random_writers_never_overwrite_what_they_have_not_seen(owner: User) -> None:
    random_history(owner, acts=25, exams=2)


@pytest.mark.long
def test_C01_eight_writers_of_two_thousand_acts_on_five_exams_overwrite_nothing_unseen(owner: User) -> None:
    random_history(owner, acts=2_000, exams=5)


def late_deliveries(desk: Desk, draft: Exam, deliveries: int) -> None:
    """Send answers and clearings of which some come late, again or both; what was acknowledged last stays."""
    draw = random.Random(deliveries)  # noqa: S311
    sent: list[tuple[int, str, str]] = []
    revision, newest, late, arrived = 0, CLEARED, 0, 0
    while late < deliveries:
        choices = GRADES if newest == CLEARED else [*GRADES, newest, newest, CLEARED]
        request = (revision, draw.choice(choices), uuid4().hex)
        sent.append(request)
        if draw.random() < 0.3:
            continue  # held up on the way; the person has answered anew before it comes
        (first,) = attempt(desk, draft, *request)
        arrived += 1
        revision, newest = first.revision, first.token
        for old in draw.choices(sent[:-1] or sent, k=5):
            attempt(desk, draft, *old)
            late += 1
        held = Observation.objects.filter(exam=draft).values_list("revision", "token")
        assert list(held) == ([] if newest == CLEARED else [(revision, newest)])
    assert AuditEvent.objects.filter(act__in=("answer.saved", "answer.cleared")).count() == arrived > 0


def test_C04_a_late_old_answer_never_beats_a_newer_one(desk: Desk, draft: Exam) -> None:
    late_deliveries(desk, draft, 60)


@pytest.mark.long
def test_C04_of_five_thousand_late_deliveries_none_beats_a_newer_answer(desk: Desk, draft: Exam) -> None:
    late_deliveries(desk, draft, 5_000)


@pytest.mark.long
def test_C03_ten_thousand_replays_of_one_request_have_one_effect(desk: Desk, draft: Exam) -> None:
    key = uuid4().hex
    replies = in_threads(lambda _: [attempt(desk, draft, 0, "2", key) for _ in range(1_250)])
    assert len(replies) == 10_000
    assert {write.revision for writes in replies for write in writes} == {1}
    assert AuditEvent.objects.filter(act="answer.saved").count() == SavedRequest.objects.count() == 1


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


def test_C01_the_check_itself_sees_a_lost_update() -> None:
    unseen = [Write(0, 1, "2"), Write(1, 2, "3"), Write(1, 3, "4")]
    assert lost_updates(unseen, (3, "4")) == [unseen[1]]
    assert lost_updates(unseen[:2], (2, "2")) == [unseen[1]]
    assert lost_updates(unseen[:2], (2, "3")) == []
