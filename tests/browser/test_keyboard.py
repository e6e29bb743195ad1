"""An exam by keyboard alone: a grade moves the focus on by itself, and what that costs in key presses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.steps import STEPS, Step, places_of
from localization import CATALOGUE
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_step_ui import SAVED
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANKLE = next(step for step in STEPS if step.slug == "ankle-and-toes")
# Steps on which every row is graded.
STRENGTH = {step.slug for step in STEPS if step.graded and step.graded == step.findings}
AT_MOST = 1.3  # key presses per answer
SLOW_MS = 30_000
WHERE = "document.activeElement.closest('fieldset')?.dataset.prefix || document.activeElement.tagName"
# Whether the focus is where an answer goes, and not on a stopwatch or a note beside it.
ANSWERS = "document.activeElement.matches('.pick input, input.num')"
CHANGED = {"ankle_dorsiflexion.left": "2", "ankle_eversion.left": "4-"}


@pytest.fixture
def draft(owner: User) -> Exam:
    """A full exam of a LEFT foot drop in which nothing is recorded yet."""
    return factories.exam(factories.desk(owner), protocol="full")


@dataclass
class Keyboard:
    """A person who touches nothing but the keys, and how often they are pressed."""

    page: Page
    presses: int = 0
    on_strength: int = 0
    answers: dict[str, int] = field(default_factory=dict)

    def press(self, *keys: str) -> None:
        """Press one key after another; a chord such as Control+Enter is one press."""
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def place(self) -> str:
        """Return where the focus is: finding and side, or the element's name."""
        return str(self.page.evaluate(WHERE))

    def walk_step(self, step: Step, values: dict[str, str]) -> None:
        """Answer every row of a step, wherever the focus comes by itself, and go on."""
        # The step before is left only when all its answers have been saved, one after another.
        expect(Walker(self.page, scripted=True).heading(step.title)).to_be_focused(timeout=SLOW_MS)
        before = self.presses
        self.press("Enter")
        for left in reversed(range(len(step.places))):
            self.answer(step, values, last=not left)
        self.press("Control+Enter")
        self.answers[step.slug] = len(step.places)
        if step.slug in STRENGTH:
            self.on_strength += self.presses - before

    def answer(self, step: Step, values: dict[str, str], *, last: bool) -> None:
        """Answer the row that has the focus: a grade by its keys, a word by the arrows, a number typed."""
        place = self.place()
        finding, _, _side = place.rstrip(".").partition(".")
        assert finding in step.finding_ids, f"the focus is on {place}"
        scale = CATALOGUE[finding].scale
        token = values[place.rstrip(".")]
        if scale.id == "mrc":
            self.press(*token)
            return
        if scale.kind == "number":
            self.press(*token)
            if not last:
                self.tab_past(place)
            return
        self.press("Space", *["ArrowRight"] * [value.token for value in scale.values].index(token), "Enter")

    def tab_past(self, place: str) -> None:
        """Press Tab until the focus is where another row is answered."""
        while self.place() == place or not self.page.evaluate(ANSWERS):
            self.press("Tab")


def opened(page: Page, owner: User, draft: Exam, slug: str = ANKLE.slug) -> Keyboard:
    sign_in(page, owner)
    page.goto(step_path(draft, slug))
    return Keyboard(page)


def normal(finding: str) -> str:
    """Return an answer that every row accepts: the first word of a list, full strength, or a number."""
    scale = CATALOGUE[finding].scale
    if scale.id == "mrc":
        return "5"
    return f"{scale.minimum or 0:g}" if scale.kind == "number" else scale.values[0].token


def stored(draft: Exam) -> dict[str, str]:
    rows = Observation.objects.filter(exam=draft, not_tested=False)
    return {f"{row.finding}.{row.side}".rstrip("."): row.token for row in rows}


def all_saved(page: Page) -> None:
    expect(page.locator(".live:not(.updating)")).to_have_count(1)
    expect(page.locator("#save-state")).to_have_text(SAVED)


def test_a_strength_step_takes_hardly_more_key_presses_than_answers(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft)
    values = {f"{finding}.{side}": "5" for finding, side in ANKLE.places} | CHANGED
    hands.walk_step(ANKLE, values)
    page.wait_for_url("**/sensation/")
    assert stored(draft) == values
    assert hands.presses <= AT_MOST * len(ANKLE.places)


def test_a_grade_goes_down_the_left_column_and_then_down_the_right(
    page: Page, owner: User, draft: Exam
) -> None:
    factories.answer(factories.desk(owner), draft, "toe_extension.left", "3")
    hands = opened(page, owner, draft)
    hands.press("Enter")
    seen = []
    for _ in range(6):
        seen.append(hands.place())
        hands.press("5")
    left = [f"{name}.left" for name in ANKLE.finding_ids if name != "toe_extension"]
    assert seen == [*left, "ankle_dorsiflexion.right"]


def test_half_a_grade_belongs_to_the_row_just_left_and_is_saved_once(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft)
    hands.press("Enter", "4", "-")
    assert hands.place() == "great_toe_extension.left"
    expect(page.locator("#announce")).to_contain_text("Ankle dorsiflexion")
    expect(page.locator("#announce")).to_contain_text("4−")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    all_saved(page)
    assert stored(draft) == {"ankle_dorsiflexion.left": "4-"}
    assert AuditEvent.objects.filter(act="answer.saved").count() == 1


def test_half_a_grade_is_nobodys_once_the_focus_was_moved_by_hand(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft)
    hands.press("Enter", "4", "Enter", "-")
    all_saved(page)
    assert stored(draft) == {"ankle_dorsiflexion.left": "4"}
    hands.press("Shift+Enter", "Shift+Enter", "+")
    all_saved(page)
    assert stored(draft) == {"ankle_dorsiflexion.left": "4+"}


def test_a_due_reason_keeps_the_focus_and_goes_on_once_it_is_given(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft)
    hands.press("Enter", "n")
    expect(page.locator("#ankle_dorsiflexion-left-reason")).to_be_focused()
    hands.press("p", "Enter")
    assert hands.place() == "great_toe_extension.left"
    hands.press("2", "l")
    expect(page.locator("#great_toe_extension-left-confounder")).to_be_focused()
    page.focus("#great_toe_extension-left-group input:checked")
    hands.press("3")
    assert hands.place() == "great_toe_extension.left"
    all_saved(page)
    reason = Observation.objects.get(exam=draft, finding="ankle_dorsiflexion", side="left").reason
    assert reason == "pain"


def test_neither_arrows_nor_a_tap_move_the_focus_on(page: Page, owner: User, draft: Exam) -> None:
    hands = opened(page, owner, draft)
    hands.press("Enter", "Space", "ArrowRight", "ArrowRight")
    assert hands.place() == "ankle_dorsiflexion.left"
    page.locator("#ankle_inversion-left-group .pick:has(input[value='3'])").click()
    assert hands.place() == "ankle_inversion.left"
    all_saved(page)
    assert hands.place() == "ankle_inversion.left"


@pytest.mark.long
def test_a_whole_full_exam_by_keyboard_alone(
    page: Page, owner: User, draft: Exam, record_property: Callable[[str, object], None]
) -> None:
    steps = [step for step in STEPS if step.finding_ids]
    values = {f"{name}.{side}".rstrip("."): normal(name) for name, side in places_of(steps)}
    hands = opened(page, owner, draft, steps[0].slug)
    for step in steps:
        hands.walk_step(step, values)
    expect(Walker(page, scripted=True).heading("My impression")).to_be_visible()
    assert stored(draft) == values
    graded = sum(hands.answers[slug] for slug in STRENGTH)
    record_property("key presses per answer", hands.presses / sum(hands.answers.values()))
    record_property("key presses per grade", hands.on_strength / graded)
    assert hands.on_strength <= AT_MOST * graded
