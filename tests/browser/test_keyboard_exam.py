"""What an exam costs in key presses: every step by keyboard alone, with and without the two bulk acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam, Observation
from exams.steps import STEPS, Step, places_of
from localization import CATALOGUE
from tests import factories
from tests.browser.keyboard import SLOW_MS, Keyboard
from tests.browser.screens import sign_in, step_path
from tests.browser.walk import Walker
from tools.keystrokes import by_keyboard

if TYPE_CHECKING:
    from playwright.sync_api import Page

Reported = Callable[[str, object], None]

AT_MOST = 1.3  # key presses per answer, with the sound side filled in and an unused laboratory marked
ONE_BY_ONE = 1.5  # and with neither
LABORATORY = "laboratory"
NOT_DONE, NOT_DONE_KEY = "not_done", "n"
ASKED = tuple(step for step in STEPS if step.finding_ids)
SOME = tuple(
    step
    for step in ASKED
    if step.slug in {"history", "saddle", "ankle-and-toes", "sensation", "prone-tests", "needle-emg"}
)
# A LEFT foot drop; what is not named here is the first word of its list, or 5.
WEAK = {
    "ankle_dorsiflexion.left": "2",
    "great_toe_extension.left": "3",
    "toe_extension.left": "3",
    "ankle_eversion.left": "4-",
    "dorsum_foot.left": "reduced",
    "first_web_space.left": "absent",
    "gait_pattern": "steppage",
    "heel_walk.left": "unable",
}
NUMBERS = {
    "days_since_onset": "21",
    "body_mass_kg": "78",
    "walk_10m_s": "9.4",
    "walk_10m_fast_s": "6.8",
    "hip_abduction_force_n.left": "138",
    "hip_abduction_force_n.right": "142",
    "dorsiflexion_force_n.left": "31",
    "dorsiflexion_force_n.right": "127",
    "dorsiflexion_range_deg.left": "-5",
    "dorsiflexion_range_deg.right": "10",
    "days_onset_to_edx": "28",
}


@pytest.fixture
def draft(owner: User) -> Exam:
    """A full exam of a LEFT foot drop in which nothing is recorded yet."""
    return factories.exam(factories.desk(owner), protocol="full", affected_side="left")


def value(finding: str, side: str) -> str:
    """Return this patient's answer; on the sound side everything that can be filled in is normal."""
    place = f"{finding}.{side}".rstrip(".")
    scale = CATALOGUE[finding].scale
    usual = "5" if scale.id == "mrc" else "" if scale.kind == "number" else scale.values[0].token
    return {**WEAK, **NUMBERS}.get(place, usual)


def values_of(steps: Sequence[Step]) -> dict[str, str]:
    return {f"{name}.{side}".rstrip("."): value(name, side) for name, side in places_of(steps)}


def stored(draft: Exam) -> dict[str, str]:
    rows = Observation.objects.filter(exam=draft)
    return {f"{row.finding}.{row.side}".rstrip("."): row.token or row.reason for row in rows}


def walked(page: Page, owner: User, draft: Exam, steps: Sequence[Step], *, in_bulk: bool) -> Keyboard:
    """Walk steps by keyboard alone; one that the step before does not lead to is opened by its address."""
    sign_in(page, owner)
    hands = Keyboard(page)
    values = values_of(steps)
    for step in steps:
        if not page.url.endswith(step_path(draft, step.slug)):
            page.goto(step_path(draft, step.slug))
        marked = in_bulk and step.position == LABORATORY
        hands.walk_step(
            step, values, fill=draft if in_bulk else None, reason_key=NOT_DONE_KEY if marked else ""
        )
        after = STEPS[STEPS.index(step) + 1]
        expect(Walker(page, scripted=True).heading(after.title)).to_be_visible(timeout=SLOW_MS)
    return hands


def expected(steps: Sequence[Step], *, in_bulk: bool) -> dict[str, str]:
    values = values_of(steps)
    laboratory = values_of([step for step in steps if step.position == LABORATORY])
    return values | (dict.fromkeys(laboratory, NOT_DONE) if in_bulk else {})


def as_estimated(hands: Keyboard, steps: Sequence[Step], *, in_bulk: bool) -> None:
    """Check that the keystroke-level estimate counts what was pressed, but for what a value's length adds."""
    for step in steps:
        places = {f"{name}.{side}".rstrip(".") for name, side in step.places}
        if not places & {*NUMBERS, "ankle_eversion.left"}:
            assert hands.by_step[step.slug][0] == by_keyboard(step, in_bulk=in_bulk).keys, step.slug


def test_X07_a_few_steps_by_keyboard_alone(
    page: Page, owner: User, draft: Exam, record_property: Reported
) -> None:
    hands = walked(page, owner, draft, SOME, in_bulk=True)
    record_property("key presses per answer", round(hands.ratio, 3))
    assert stored(draft) == expected(SOME, in_bulk=True)
    as_estimated(hands, SOME, in_bulk=True)
    assert hands.ratio <= AT_MOST


@pytest.mark.long
@pytest.mark.parametrize(
    ("in_bulk", "most"), [(True, AT_MOST), (False, ONE_BY_ONE)], ids=["with bulk acts", "one by one"]
)
def test_X07_a_whole_full_exam_by_keyboard_alone(
    page: Page, owner: User, draft: Exam, record_property: Reported, *, in_bulk: bool, most: float
) -> None:
    hands = walked(page, owner, draft, ASKED, in_bulk=in_bulk)
    record_property("key presses", hands.presses)
    record_property("key presses per answer", round(hands.ratio, 3))
    record_property("by step", hands.by_step)
    expect(Walker(page, scripted=True).heading("My impression")).to_be_visible()
    assert stored(draft) == expected(ASKED, in_bulk=in_bulk)
    assert hands.answers == len(values_of(ASKED))
    as_estimated(hands, ASKED, in_bulk=in_bulk)
    assert hands.ratio <= most
