"""A form sent several times at once, by a double tap or a reload: one effect, whatever it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from clinics.audit import verify_chain
from clinics.models import AuditEvent
from tests.web.routes import form_for, routes
from tests.worlds import CANARIES, Place, place

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4
# Each acts on a record of its own, so that one place serves all.
EXAMINER = (
    "patient_new",
    "patient_edit",
    "exam_new",
    "step",
    "answer",
    "red_flag",
    "impression",
    "widen",
    "mark_rest",
    "sign",
)
SUPERVISOR = ("review_look", "review_decide")
OTHER_DECISION = ("review_return",)
# What is written of everybody who opens a page, is refused, or types a password, as often as they do.
NO_EFFECTS = (".viewed", ".refused", ".opened", ".asked", ".accepted")


def at_once(
    here: Place, action: str, submits: int
) -> tuple[Counter[tuple[str, str]], list[HttpResponseBase]]:
    """Send an action's form so often at the same moment; returns its effects and the answers."""
    name = f"exams:{action}"
    route = next(route for route in routes() if route.name == name)
    address, form = route.own(here), form_for(name, here)
    person = here.people["supervisor" if action.startswith("review") else "examiner"]
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    start = Barrier(submits)
    clients = [Client(raise_request_exception=False) for _ in range(submits)]
    for client in clients:
        client.force_login(person)

    def submit(client: Client) -> HttpResponseBase:
        start.wait(timeout=30)
        try:
            return client.post(address, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(submits) as pool:
        answers: list[HttpResponseBase] = list(pool.map(submit, clients))
    new = AuditEvent.objects.exclude(pk__in=before)
    effects = Counter((event.act, event.object_id) for event in new if not event.act.endswith(NO_EFFECTS))
    return effects, answers


def check(here: Place, actions: Iterable[str], submits: int) -> None:
    for action in actions:
        effects, answers = at_once(here, action, submits)
        statuses = [answer.status_code for answer in answers]
        assert effects, f"{action} did nothing: {statuses}"
        assert set(effects.values()) == {1}, f"{action} had an effect twice: {effects}"
        kinds = Counter(act for act, _ in effects)
        if action != "mark_rest":  # which answers every open question
            assert set(kinds.values()) == {1}, f"{action} made two records: {effects}"
        assert not [status for status in statuses if status >= 500], f"{action}: {statuses}"
        assert 302 in statuses or 200 in statuses, f"{action}: {statuses}"
    assert verify_chain(here.clinic) is None


def test_C08_every_form_sent_four_times_at_once_has_one_effect() -> None:
    here = place(CANARIES[0])
    check(here, (*EXAMINER, *SUPERVISOR), AT_ONCE)


def test_C08_an_exam_returned_four_times_at_once_is_returned_once() -> None:
    check(place(CANARIES[0]), OTHER_DECISION, AT_ONCE)


@pytest.mark.long
@pytest.mark.parametrize("number", range(25))
def test_C08_two_hundred_double_submits_of_every_form(number: int) -> None:
    """C-08: 25 rounds of eight submits at once, each round in a clinic of its own."""
    canary = f"{CANARIES[0]}{chr(97 + number)}"
    check(place(canary), (*EXAMINER, *SUPERVISOR), 8)
    check(place(f"{canary}x"), OTHER_DECISION, 8)
