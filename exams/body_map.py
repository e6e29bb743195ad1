"""The body map: both legs by skin area, drawn from a step's rows and from what the exam already holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from django.urls import reverse

from exams.answer import Answer, answer_of
from exams.models import Exam, Observation
from exams.reading import legend, shown_answer
from exams.rows import FindingRow, prefix_of
from exams.services.plan import is_asked
from exams.sheet import Place
from exams.skin_roots import RootSays, main_roots
from exams.steps import BOTH_SIDES, step_asking
from localization import CATALOGUE, Finding

GEOMETRY = Path(__file__).with_name("body_map.toml")
NOT_TESTED = "not-tested"
SADDLE = "saddle"
LEG_TITLES = {"left": "Patient’s LEFT", "right": "Patient’s RIGHT"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One aspect of the leg: its outline and where it stands in the drawing; `scale` 1 is one CSS pixel."""

    id: str
    title: str
    at: Point
    scale: float
    width: float
    title_at: Point
    outline: str

    def transform(self, side: str) -> str:
        """Return the SVG transform that puts the view in its place; a right leg is its mirror image."""
        x, y = self.at
        if side == "left":
            return f"translate({x:g} {y:g}) scale({self.scale:g})"
        return f"translate({x + self.width * self.scale:g} {y:g}) scale({-self.scale:g} {self.scale:g})"

    def place(self, point: Point, side: str) -> str:
        """Return where a point of the view stands in the drawing, as SVG writes it."""
        across = point[0] if side == "left" else self.width - point[0]
        return f"{self.at[0] + across * self.scale:g} {self.at[1] + point[1] * self.scale:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Where an area shows in one view; `reach` is what a finger may hit around it, empty for the border."""

    view: View
    border: str
    letter: Point
    reach: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPatch:
    """A patch on one leg: its id, its shapes, and where its letter stands."""

    id: str
    patch: Patch
    transform: str
    letter_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One skin area of one leg: its letter in this step's rows, its state, its words and where it leads."""

    finding: Finding
    side: str
    letter: str
    state: str
    said: str
    href: str
    patches: tuple[ShownPatch, ...]  # the first has the area's sign beside its letter

    @property
    def about(self) -> str:
        """What the area is, without its state: its letter, its name, its roots and the patient's side."""
        name, _, side = legend(self.finding, self.side, affected=False).rpartition(", ")
        said = f"{name}, {self.root_tag}, {side}"
        return f"{self.letter}, {said}" if self.letter else said

    @property
    def roots(self) -> str:
        """The roots that chiefly supply the area, such as “L5” or “L2, L3”."""
        return ", ".join(main_roots(self.finding.id))

    @property
    def root_tag(self) -> str:
        """The same as it fits into the drawing, such as “L5” or “L2–3”."""
        first, *more = main_roots(self.finding.id)
        return "–".join((first, *(root[1:] for root in more)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LegMap:
    """One leg with its areas, LEFT or RIGHT in words."""

    side: str
    is_affected: bool
    outlines: tuple[tuple[View, str], ...]
    areas: tuple[Area, ...]

    @property
    def title(self) -> str:
        """The leg's name."""
        return LEG_TITLES[self.side]

    @property
    def roots(self) -> tuple[RootSays, ...]:
        """What the areas of each root say on this leg, in the order of the roots."""
        found: dict[str, list[str]] = {}
        for area in sorted(self.areas, key=lambda one: one.roots):
            found.setdefault(area.roots, []).append(area.state)
        return tuple(RootSays(roots=roots, looks=tuple(looks)) for roots, looks in found.items())

    @property
    def root_repeats(self) -> tuple[tuple[str, str], ...]:
        """The roots of each further patch of an area, and where they stand."""
        return tuple((area.root_tag, more.letter_at) for area in self.areas for more in area.patches[1:])

    @property
    def repeats(self) -> tuple[tuple[str, str], ...]:
        """The letter of each further patch of an area, and where it stands."""
        return tuple((area.letter, more.letter_at) for area in self.areas for more in area.patches[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyMap:
    """Both legs, LEFT first, with the letter of each finding that this step asks, and the saddle in words."""

    size: Point
    views: tuple[View, ...]
    letters: Mapping[str, str]
    legs: tuple[LegMap, ...]
    saddle: Saddle


@dataclass(frozen=True, slots=True, kw_only=True)
class Saddle:
    """The lowest roots: their area is outside the drawing, has a step of its own and no side."""

    roots: str
    said: str
    href: str


def body_map(rows: Iterable[FindingRow], exam: Exam, stored: Mapping[Place, Observation]) -> BodyMap | None:
    """Return the map of a step that asks for skin areas with sides and for nothing else, or None."""
    asked = {row.finding.id: row for row in rows}
    if not asked or not set(asked) <= set(areas()):
        return None
    letters = dict(zip(asked, ascii_uppercase, strict=False))
    legs = tuple(
        LegMap(
            side=side,
            is_affected=exam.affected_side in {side, Exam.Side.BILATERAL},
            outlines=tuple((view, view.transform(side)) for view in views().values()),
            areas=tuple(_areas(side, asked, letters, exam, stored)),
        )
        for side in BOTH_SIDES
    )
    return BodyMap(
        size=_size(), views=tuple(views().values()), letters=letters, legs=legs, saddle=_saddle(exam, stored)
    )


def _saddle(exam: Exam, stored: Mapping[Place, Observation]) -> Saddle:
    row, roots = stored.get((SADDLE, "")), main_roots(SADDLE)
    answer = answer_of(row) if row else Answer(finding=SADDLE)
    said = shown_answer(CATALOGUE[SADDLE], answer).text
    return Saddle(roots=f"{roots[0]} to {roots[-1]}", said=said, href=_elsewhere(exam, SADDLE, ""))


def _areas(
    side: str,
    asked: Mapping[str, FindingRow],
    letters: Mapping[str, str],
    exam: Exam,
    stored: Mapping[Place, Observation],
) -> Iterator[Area]:
    """Yield the areas of one leg: those of this step as its form shows them, the others as recorded."""
    for name, patches in areas().items():
        finding = CATALOGUE[name]
        if name in asked:
            field = next(field for field in asked[name].sides if field.side == side)
            answer, href = (
                Answer(finding=name, token=field.token, not_tested=field.not_tested),
                f"#{field.dom_id}",
            )
        else:
            row = stored.get((name, side))
            answer, href = answer_of(row) if row else Answer(finding=name), _elsewhere(exam, name, side)
        yield Area(
            finding=finding,
            side=side,
            letter=letters.get(name, ""),
            state=_state(finding, answer),
            said=shown_answer(finding, answer).text,
            href=href,
            patches=tuple(_shown(name, side, patch) for patch in patches),
        )


def _state(finding: Finding, answer: Answer) -> str:
    """Return the look of an area: a value of its scale, not tested, or empty; what was mistyped has none."""
    if answer.not_tested:
        return NOT_TESTED
    return answer.token if answer.token in {value.token for value in finding.scale.values} else ""


def _elsewhere(exam: Exam, finding: str, side: str) -> str:
    """Return where an area is answered that this step does not ask, or opened where the exam does not."""
    if not is_asked(exam, finding):
        return f"{reverse('exams:open', args=[exam.pk])}?finding={finding}"
    step = reverse("exams:step", args=[exam.pk, step_asking(finding).slug])
    return f"{step}#{prefix_of(finding, side).replace('.', '-')}"


def _shown(finding: str, side: str, patch: Patch) -> ShownPatch:
    return ShownPatch(
        id=f"skin-{side[0].upper()}-{finding}-{patch.view.id}",
        patch=patch,
        transform=patch.view.transform(side),
        letter_at=patch.view.place(patch.letter, side),
    )


@cache
def _geometry() -> dict[str, Any]:
    return tomllib.loads(GEOMETRY.read_text(encoding="utf-8"))


def _size() -> Point:
    width, height = _geometry()["size"]
    return width, height


@cache
def views() -> Mapping[str, View]:
    """Return the views of the drawing by id, in the order in which they stand."""
    return {
        name: View(**{**table, "id": name, "at": tuple(table["at"]), "title_at": tuple(table["title_at"])})
        for name, table in _geometry()["view"].items()
    }


@cache
def areas() -> Mapping[str, tuple[Patch, ...]]:
    """Return the patches of each finding that is drawn, by its id, in the order of drawing."""
    return {
        name: tuple(
            Patch(
                view=views()[table["view"]],
                border=table["border"],
                letter=tuple(table["letter"]),
                reach=table.get("reach", ""),
            )
            for table in tables
        )
        for name, tables in _geometry()["area"].items()
    }
