"""The role matrix of `clinics/roles.toml`, spread out: one cell for each actor, address, act and state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinics.roles import matrix

STATES: tuple[str, ...] = tuple(matrix()["states"])
BEFORE_ROLES = {"anyone", "signed in"}
ELSE, AUTHORS, OTHERS = "else", "authors", "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody at the keys: what they are in the clinic of the records, or elsewhere, or what stops them."""

    name: str
    role: str = ""
    author: bool = False
    elsewhere: bool = False
    door: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address and method, or one act of its form, with what it answers to whom."""

    route: str
    method: str
    right: str
    cells: str
    act: str = ""
    home: str = "draft"
    on: Mapping[str, str] = field(default_factory=dict)
    writes: bool = True

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.method, self.route, self.act) if part)

    @property
    def is_clinical(self) -> bool:
        """Whether the address stands behind the clinic's door."""
        return self.right not in BEFORE_ROLES

    def exam_in(self, state: str) -> str:
        """Return which of the tests' exams stands for the state."""
        return self.on.get(state, state)

    def outcome(self, actor: Actor, state: str, *, has_ids: bool) -> str:
        """Return what the matrix says of the cell; raises KeyError where it says nothing."""
        if self.right == "anyone" or (actor.door and self.right == "signed in" and actor.door != "sign_in"):
            return self._said(actor, state)
        if actor.door:
            return actor.door
        if self.is_clinical and self.right != "member" and self.right not in rights_of(actor):
            return "forbidden"
        if actor.elsewhere and has_ids:
            return "missing"
        return self._said(actor, state)

    def _said(self, actor: Actor, state: str) -> str:
        table = matrix()["cells"][self.cells]
        group = AUTHORS if actor.author else OTHERS
        said = table[actor.name if actor.name in table else group]
        if isinstance(said, str):
            return said
        return str(said[state] if state in said else said[ELSE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One actor at one address in one state, and what has to come of it."""

    row: Row
    actor: Actor
    state: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.actor.name}: {self.row.name}, {self.state}"


def rights_of(actor: Actor) -> set[str]:
    """Return what the actor's role gives."""
    return set(matrix()["role"].get(actor.role, ()))


def roles_with(right: str) -> set[str]:
    """Return every role that opens an address of this right."""
    roles: Mapping[str, list[str]] = matrix()["role"]
    return {role for role, rights in roles.items() if right in BEFORE_ROLES | {"member"} | set(rights)}


def _rows() -> tuple[Row, ...]:
    found: list[dict[str, Any]] = matrix()["row"]
    return tuple(Row(**said) for said in found)


ROWS: tuple[Row, ...] = _rows()
ACTORS: tuple[Actor, ...] = tuple(Actor(name=name, **said) for name, said in matrix()["actor"].items())


def cells(actor: Actor, ids: Mapping[str, tuple[str, ...]]) -> Iterator[Cell]:
    """Yield every cell of an actor; `ids` are the names of the ids in each address."""
    for row in ROWS:
        has_ids = bool({"exam_id", "patient_id", "seat_id", "digest"} & set(ids[row.route]))
        for state in STATES if "exam_id" in ids[row.route] else (row.home,):
            outcome = row.outcome(actor, state, has_ids=has_ids)
            yield Cell(row=row, actor=actor, state=state, outcome=outcome)
