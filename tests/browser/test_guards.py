"""The question about technique in a real browser: when it shows, and that it holds nothing up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam, Observation
from tests import factories
from tests.browser.screens import sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAVED = re.compile(r"Saved \d{2}:\d{2}")
LEFT = "#ankle_inversion-left"
RIGHT = "#ankle_inversion-right"
LEAST_TARGET = 44  # CSS px
LEAST_GAP = 8  # CSS px


@pytest.fixture
def draft(owner: User) -> Exam:
    answers = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "5"}
    return factories.exam(factories.desk(owner), protocol="full", answers=answers)


def opened(page: Page, owner: User, draft: Exam) -> Page:
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    return page


def stored(draft: Exam, side: str = "left") -> tuple[str, str] | None:
    return (
        Observation.objects.filter(exam=draft, finding="ankle_inversion", side=side)
        .values_list("token", "guard")
        .first()
    )


def test_the_question_comes_with_the_grade_and_does_not_hold_the_focus_up(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    question = page.locator(f"{LEFT}-group .guard-question")
    expect(question).to_be_hidden()
    page.focus(LEFT)
    with page.expect_response("**/answers/"):
        page.keyboard.press("3")
    assert (
        page.evaluate("document.activeElement.closest('fieldset.side')?.id") != "ankle_inversion-left-group"
    )
    expect(question).to_be_visible()
    expect(page.get_by_role("radiogroup", name=re.compile("held at neutral.*patient's LEFT"))).to_be_visible()
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert stored(draft) == ("3", "")


def test_no_is_kept_and_said_and_goes_with_the_grade_that_it_was_said_of(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    page.locator(f"{LEFT}-4").click()
    with page.expect_response("**/answers/"):
        page.locator(f"{LEFT}-group").get_by_text("No, test again").click()
    expect(page.locator(f"{LEFT}-not-counted")).to_be_visible()
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert stored(draft) == ("3", "not_held")
    page.reload()
    expect(page.locator(f"{LEFT}-guard-not-held")).to_be_checked()
    expect(page.locator(f"{LEFT}-not-counted")).to_be_visible()
    with page.expect_response("**/answers/"):
        page.locator(f"{LEFT}-6").click()
    expect(page.locator(f"{LEFT}-guard-not-held")).not_to_be_checked()
    expect(page.locator(f"{LEFT}-not-counted")).to_be_hidden()
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert stored(draft) == ("4", "")


def test_the_keyboard_reaches_the_two_keys_from_the_grade_and_back(
    page: Page, owner: User, draft: Exam
) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_inversion.left", "3")
    opened(page, owner, draft)
    page.focus(f"{LEFT}-4")
    page.keyboard.press("Tab")
    expect(page.locator(f"{LEFT}-guard-held")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(f"{LEFT}-4")).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_response("**/answers/"):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert stored(draft) == ("3", "not_held")


@pytest.mark.parametrize("width", [1366, 390, 320])
def test_a_thumb_hits_one_key_and_not_the_other(page: Page, owner: User, draft: Exam, width: int) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_inversion.left", "3")
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, owner, draft)
    yes, no = (
        page.locator(f"{LEFT}-group .guard-question label").nth(number).bounding_box() for number in (0, 1)
    )
    assert yes is not None
    assert no is not None
    assert min(yes["height"], yes["width"], no["height"], no["width"]) >= LEAST_TARGET
    apart = max(no["x"] - yes["x"] - yes["width"], no["y"] - yes["y"] - yes["height"])
    assert apart >= LEAST_GAP
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_javascript_the_answer_is_saved_and_a_new_grade_drops_it(
    page_no_js: Page, owner: User, draft: Exam
) -> None:
    page = opened(page_no_js, owner, draft)
    page.locator(f"{RIGHT}-4").check(force=True)
    page.locator(f"{RIGHT}-guard-not-held").check(force=True)
    page.get_by_role("button", name="Save and continue").last.click()
    page.goto(step_path(draft, "ankle-and-toes"))
    assert stored(draft, "right") == ("3", "not_held")
    expect(page.locator(f"{RIGHT}-not-counted")).to_be_visible()
    page.locator(f"{RIGHT}-6").check(force=True)
    page.get_by_role("button", name="Save and continue").last.click()
    page.goto(step_path(draft, "ankle-and-toes"))
    assert stored(draft, "right") == ("4", "")
