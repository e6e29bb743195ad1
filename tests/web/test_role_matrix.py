"""Every cell of the role matrix, sent for real: what it answers, what it writes, and what the trail says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

import pytest
from django.http import HttpResponse
from django.test import Client, TestCase

from clinics.models import Membership
from clinics.roles import Right, matrix
from exams.models import Exam
from exams.question_forms import ACTS
from exams.record_forms import ReasonForm
from tests.web.matrix import ACTORS, ROWS, STATES, Actor, Cell, cells, rights_of
from tests.web.matrix_world import World, world
from tests.web.routes import routes
from tests.web.watching import Written, undone
from tests.web.witness import assert_no_patient, checksum, send

pytestmark = pytest.mark.django_db

IDS = {route.name: route.ids for route in routes()}
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STATUS = {
    "done": {200, 302},
    "led": {302},
    "sign_in": {302, 401},
    "choose": {302, 403},
    "no_clinic": {403},
    "forbidden": {403},
    "missing": {404},
    "unknown": {404},
    "refused": {409},
    "in_row": {409},
    "unfit": {422},
    "open": {200, 302, 401, 405},
}
DENIED = {"forbidden", "missing", "in_row"}
SIGN_IN, CHOICE = "/accounts/sign-in/", "/clinic/"


class RoleMatrix(TestCase):
    """One clinic with an exam in every state, built once; every cell starts from the same records."""

    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = world()

    def walk(self, chosen: Callable[[Actor], Iterable[Cell]]) -> Counter[str]:
        """Send the chosen cells of every actor; returns how many had which outcome."""
        before, seen, wrong = checksum(), Counter[str](), []
        for actor in ACTORS:
            with self.world.at_the_keys(actor) as client:
                signed_in = dict(client.cookies)
                for cell in chosen(actor):
                    with undone() as written:
                        answer = self.sent(client, cell)
                    wrong += [f"{cell}: {told}" for told in self.wrong_in(cell, answer, written)]
                    seen[cell.outcome] += 1
                    # What the cell did to the session is undone; the browser is as it was, too.
                    client.cookies.clear()
                    client.cookies.update(signed_in)
        assert not wrong, "\n".join(wrong)
        assert checksum() == before
        return seen

    def sent(self, client: Client, cell: Cell) -> HttpResponse:
        """Send the cell's form, or ask for its page."""
        address = self.world.address(cell.row, cell.state, IDS[cell.row.route])
        return send(client, cell.row.method, address, self.world.form(cell.row, cell.state), {})

    def wrong_in(self, cell: Cell, answer: HttpResponse, written: Written) -> Iterator[str]:
        """Say what of the cell is not as the matrix has it."""
        outcome, place = cell.outcome, answer.get("Location", "")
        if answer.status_code not in STATUS[outcome]:
            yield f"{answer.status_code} instead of {outcome}"
            return
        if outcome in {"sign_in", "choose"} and place and not place.startswith((SIGN_IN, CHOICE)):
            yield f"led to {place}"
        if outcome in {"done", "led"} and place.startswith((SIGN_IN, CHOICE)):
            yield f"turned away to {place}"
        changes = outcome == "done" and cell.row.method == "POST" and cell.row.writes
        if bool(written.records) != changes:
            yield f"wrote {sorted(written.records)}"
        if written.refusals != (outcome in DENIED):
            yield f"the trail tells of {written.refusals} refusals"
        if outcome not in {"done", "unfit"}:
            assert_no_patient(answer, self.world.place, str(cell))

    def test_Z04_every_actor_meets_at_every_act_what_the_matrix_says(self) -> None:
        seen = self.walk(self.telling)
        assert set(seen) == set(STATUS), seen
        assert seen.total() > 1000, seen

    @pytest.mark.long
    def test_Z04_every_cell_in_every_state(self) -> None:
        seen = self.walk(lambda actor: cells(actor, IDS))
        assert seen.total() > 4000, seen

    def telling(self, actor: Actor) -> Iterator[Cell]:
        """Yield each thing that each row says to the actor once, in states that vary from row to row.

        What the exam's owner and its supervisor send is tried in every state.
        """
        said: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells(actor, IDS):
            said.setdefault((cell.row.name, cell.outcome), []).append(cell)
        for number, found in enumerate(said.values()):
            acts = found[0].row.method == "POST" and actor.name in {"owner", "supervisor"}
            yield from found if acts else [found[number % len(found)]]

    def test_Z04_a_method_without_a_row_is_no_way_in(self) -> None:
        known = {(row.route, row.method) for row in ROWS}
        doors = {row.route: row for row in ROWS if row.is_clinical}
        asked = 0
        for row in doors.values():
            actor = next(one for one in ACTORS if self.opens(one, row.right))
            with self.world.at_the_keys(actor) as client:
                for method in OTHER_METHODS:
                    if (row.route, method) in known:
                        continue
                    address = self.world.address(row, row.home, IDS[row.route])
                    with undone() as written:
                        answer = send(client, method, address, {}, {})
                    assert answer.status_code == 405, (method, row.route, answer.status_code)
                    assert not written.records, (method, row.route)
                    asked += 1
        assert asked > 100

    def opens(self, actor: Actor, right: str) -> bool:
        return not actor.door and (right == "member" or right in rights_of(actor))


def test_Z01_every_address_and_every_act_of_a_form_has_its_row() -> None:
    assert {row.route for row in ROWS} == set(IDS)
    acts = {
        route: {row.act for row in ROWS if row.route == route and row.method == "POST"}
        for route in ("exams:record", "exams:questions")
    }
    assert acts["exams:questions"] == set(ACTS)
    chosen: Any = ReasonForm.base_fields["act"]
    assert acts["exams:record"] == {name for name, _ in chosen.choices}
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_Z04_every_state_role_and_right_is_in_the_matrix() -> None:
    assert list(STATES) == Exam.State.values
    assert set(matrix()["role"]) == set(Membership.Role.values)
    assert {actor.role for actor in ACTORS if actor.role} == set(Membership.Role.values)
    rights = {row.right for row in ROWS if row.is_clinical} - {"member"}
    assert rights == set(get_args(Right))
    assert {row.cells for row in ROWS} == set(matrix()["cells"])
    for said in matrix()["cells"].values():
        for states in said.values():
            assert isinstance(states, str) or set(states) <= {*STATES, "else"}
