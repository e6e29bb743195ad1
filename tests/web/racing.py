"""Acts done at the same moment, each on a connection of its own, and counted by how they went."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.contrib.auth.models import User
from django.db import connection

from clinics.audit import verify_chain
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam
from exams.services.review import countersign
from tests import factories

# How long, in seconds, one of the two may hang back: about as long as a signature takes.
SPREAD = 0.15


def later(act: Callable[[], object], draw: random.Random) -> Callable[[], object]:
    """Return the act begun at a random moment of the other's time: else the same one always wins."""
    pause = draw.uniform(0, SPREAD)

    def begin() -> object:
        time.sleep(pause)
        return act()

    return begin


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


def repeated(owner: User, race: Callable[[random.Random], str], times: int) -> Counter[str]:
    """Run a race so many times, and count how it went; afterwards the trail is whole."""
    draw = random.Random(times)  # noqa: S311 - it draws pauses, and keeps no secret
    found = Counter(race(draw) for _ in range(times))
    print(dict(found))  # noqa: T201 - the long run reports its counts
    assert verify_chain(factories.desk(owner).clinic) is None
    return found
