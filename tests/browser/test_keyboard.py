"""Answering by keyboard alone: an answer moves the focus on by itself, unless something is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.steps import STEPS
from tests import factories
from tests.browser.keyboard import GO_ON, Keyboard
from tests.browser.screens import sign_in, step_path
from tests.browser.test_step_ui import SAVED

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANKLE = next(step for step in STEPS if step.slug == "ankle-and-toes")
AT_MOST = 1.3  # key presses per answer
CHANGED = {"ankle_dorsiflexion.left": "2", "ankle_eversion.left": "4-"}


@pytest.fixture
def draft(owner: User) -> Exam:
    """A full exam of a LEFT foot drop in which nothing is recorded yet."""
    return factories.exam(factories.desk(owner), protocol="full")


def opened(page: Page, owner: User, draft: Exam, slug: str = ANKLE.slug) -> Keyboard:
    sign_in(page, owner)
    page.goto(step_path(draft, slug))
    return Keyboard(page)


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


def test_a_word_is_chosen_by_its_digit_and_the_focus_goes_on(page: Page, owner: User, draft: Exam) -> None:
    hands = opened(page, owner, draft, "gait")
    hands.press("Enter", "0")
    assert hands.place() == "heel_walk.left"
    hands.press("2", "1")
    assert hands.place() == "heel_walk.right"
    hands.press("9", "3")
    assert hands.place() == "heel_walk.right"
    all_saved(page)
    assert stored(draft) == {
        "gait_pattern": "waddling",
        "heel_walk.left": "unable",
        "toe_walk.left": "able",
    }


def test_digits_and_letters_do_nothing_outside_a_group_of_answers(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft, "sensation")
    hands.press("1", "n", "f", "m")
    expect(page.locator("#fill-question")).to_be_hidden()
    expect(page.locator("#rest-reason")).to_be_hidden()
    page.focus("#save-and-continue")
    hands.press("1", "n", "-", "m")
    expect(page.locator(".pick input:checked")).to_have_count(0)
    assert hands.place() == GO_ON


def test_enter_after_a_number_goes_on_and_after_the_last_one_sends_the_step(
    page: Page, owner: User, draft: Exam
) -> None:
    factories.answer(factories.desk(owner), draft, "dorsiflexion_force_n.left", "88")
    hands = opened(page, owner, draft, "measured")
    hands.press("Enter", *"96", "Enter")
    assert hands.place() == "dorsiflexion_range_deg.left"
    hands.press("-", "5", "Enter", *"142", "Enter", "n")
    expect(page.locator("#dorsiflexion_force_n-right-reason")).to_be_focused()
    hands.press("p", "Enter", *"10", "Enter")
    page.wait_for_url("**/prone-tests/")
    assert stored(draft) == {
        "hip_abduction_force_n.left": "96",
        "dorsiflexion_force_n.left": "88",
        "dorsiflexion_range_deg.left": "-5",
        "hip_abduction_force_n.right": "142",
        "dorsiflexion_range_deg.right": "10",
    }


def test_consent_is_due_before_the_focus_goes_on(page: Page, owner: User, draft: Exam) -> None:
    hands = opened(page, owner, draft, "saddle")
    hands.press("Enter", "1")
    expect(page.locator("#saddle-consent")).to_be_focused()
    hands.press("Space", "Enter")
    page.wait_for_url("**/hip-and-knee/")
    assert Observation.objects.get(exam=draft, finding="saddle").note == "Consent asked and given."


def test_a_key_held_down_answers_one_row(page: Page, owner: User, draft: Exam) -> None:
    hands = opened(page, owner, draft)
    hands.press("Enter")
    for _ in range(5):
        page.keyboard.down("5")  # every one after the first is a repeat
    page.keyboard.up("5")
    all_saved(page)
    assert stored(draft) == {"ankle_dorsiflexion.left": "5"}


def test_half_a_grade_of_the_last_row_is_given_from_save_and_continue(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft, "hip-abduction")
    hands.press("Enter", "5", "4")
    assert hands.place() == GO_ON
    hands.press("+")
    assert hands.place() == GO_ON
    all_saved(page)
    assert stored(draft) == {"hip_abduction.left": "5", "hip_abduction.right": "4+"}


def test_a_digit_is_shown_on_its_key_only_while_the_keyboard_is_there(
    page: Page, owner: User, draft: Exam
) -> None:
    hands = opened(page, owner, draft, "reflexes")
    hint = page.locator("#knee_reflex-left-group .digit")
    expect(hint.first).to_be_hidden()
    hands.press("Enter")
    assert hint.all_inner_texts() == ["1", "2", "3", "4", "5"]
    expect(hint.first).to_be_visible()
    expect(page.locator("#ankle_reflex-left-group .digit").first).to_be_hidden()
    expect(page.get_by_role("radio", name="Absent, none, even with reinforcement").first).to_be_attached()


@pytest.mark.parametrize("slug", ["ankle-and-toes", "sensation", "gait"])
def test_no_key_hint_is_cut_off_beside_the_button(page: Page, owner: User, draft: Exam, slug: str) -> None:
    opened(page, owner, draft, slug)
    hints = page.locator(".actions .keys")
    outside = hints.evaluate(
        """(box) => [...box.children].filter((hint) => {
            const at = hint.getBoundingClientRect(), bar = box.closest(".actions").getBoundingClientRect();
            return at.top < bar.top || at.bottom > bar.bottom || at.left < bar.left || at.right > bar.right;
        }).length"""
    )
    assert outside == 0
    assert hints.evaluate("(box) => getComputedStyle(box).overflow") == "visible"
    expect(hints.locator("> span").last).to_have_text("M mark open")
    bar = page.locator(".actions").bounding_box()
    assert bar is not None
    assert bar["height"] <= 72
