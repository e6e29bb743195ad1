"""A step in a real browser: keys, sub-questions, errors and the drawing, with and without JavaScript."""

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

    from tests.plugins.browser import Console

SAVED = re.compile(r"Saved \d{2}:\d{2}")
LEFT = "#ankle_dorsiflexion-left"
INVERSION = "#ankle_inversion-left"


@pytest.fixture
def draft(owner: User) -> Exam:
    answers = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "5", "gait_pattern": "steppage"}
    return factories.exam(factories.desk(owner), protocol="full", answers=answers)


def opened(page: Page, owner: User, draft: Exam, slug: str = "ankle-and-toes") -> Page:
    sign_in(page, owner)
    page.goto(step_path(draft, slug))
    return page


def row(draft: Exam, finding: str, side: str) -> Observation | None:
    return Observation.objects.filter(exam=draft, finding=finding, side=side).first()


def test_htmx_runs_no_code_from_the_page_and_keeps_no_copy_of_it(
    page: Page, owner: User, draft: Exam
) -> None:
    config = opened(page, owner, draft).evaluate("htmx.config")
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
    assert config["timeout"] == 10_000
    swaps = {rule["code"]: rule["swap"] for rule in config["responseHandling"]}
    assert swaps == {"204": False, "[23]..": True, "409|422": True, "401": False, "[45]..": False}


def test_X09_a_new_step_has_the_focus_on_its_heading(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    assert page.evaluate("document.activeElement.textContent") == "Ankle and toes"


def test_X03_nothing_is_chosen_that_was_not_recorded(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    chosen = page.locator(".pick input:checked")
    assert sorted(chosen.evaluate_all("all => all.map(one => one.name + '=' + one.value)")) == [
        "ankle_dorsiflexion.left.token=2",
        "ankle_dorsiflexion.right.token=5",
    ]


def test_X02_a_grade_is_a_row_of_native_radios_and_not_tested_stands_beside_it(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    keys = page.locator("#row-ankle_dorsiflexion fieldset").first.locator("input[name$='.token']")
    told = keys.evaluate_all("all => all.map(one => [one.type, one.value])")
    assert [value for kind, value in told if kind == "radio"][:8] == [
        "0",
        "1",
        "2",
        "3",
        "4-",
        "4",
        "4+",
        "5",
    ]
    assert {kind for kind, _ in told} == {"radio"}
    expect(page.locator("#row-ankle_dorsiflexion").get_by_text("Not tested").first).to_be_visible()


def test_left_stands_before_right_and_the_affected_side_says_so(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    groups = page.locator("#row-ankle_dorsiflexion fieldset")
    left, right = groups.nth(0), groups.nth(1)
    expect(left.locator("legend")).to_contain_text("patient's LEFT, affected side")
    expect(right.locator("legend")).to_contain_text("patient's RIGHT")
    expect(right.locator("legend")).not_to_contain_text("affected")
    one, other = left.bounding_box(), right.bounding_box()
    assert one is not None
    assert other is not None
    assert one["x"] < other["x"]


def sub_questions_open_only_where_they_are_asked(page: Page) -> None:
    expect(page.locator(f"{LEFT}-more")).to_contain_text("Limited by…")
    expect(page.locator("#ankle_dorsiflexion-right-more .for-weak")).to_be_hidden()
    expect(page.locator(f"{INVERSION}-reason")).to_be_hidden()
    page.locator(f"{INVERSION}-group .ntb").click()
    expect(page.locator(f"{INVERSION}-reason")).to_be_visible()
    page.locator(f"{LEFT}-more").click()
    expect(page.locator(f"{LEFT}-group .count-as")).to_be_hidden()
    page.select_option(f"{LEFT}-confounder", "pain")
    expect(page.locator(f"{LEFT}-group .decide-count")).to_be_visible()
    assert page.locator(f"{LEFT}-group .count-as input:checked").count() == 0


def test_sub_questions_open_only_where_they_are_asked(page: Page, owner: User, draft: Exam) -> None:
    sub_questions_open_only_where_they_are_asked(opened(page, owner, draft))


def test_sub_questions_open_alike_without_javascript(page_no_js: Page, owner: User, draft: Exam) -> None:
    sub_questions_open_only_where_they_are_asked(opened(page_no_js, owner, draft))


def test_X06_a_grade_is_typed_and_a_single_key_does_nothing_elsewhere(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    page.keyboard.press("3")
    page.focus(INVERSION)
    page.keyboard.press("4")
    page.keyboard.press("-")
    assert page.evaluate("document.activeElement.name") == "toe_flexion.left.token"
    page.keyboard.press("n")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    expect(page.locator("#rail-step-ankle-and-toes .st")).to_contain_text("4/12")
    inversion, flexion = row(draft, "ankle_inversion", "left"), row(draft, "toe_flexion", "left")
    assert inversion is not None
    assert flexion is not None
    assert (inversion.token, flexion.not_tested) == ("4-", True)
    assert Observation.objects.filter(exam=draft).count() == 5


@pytest.mark.parametrize("how", ["tap again", "Clear", "Delete"])
def test_a_chosen_value_can_be_taken_away(page: Page, owner: User, draft: Exam, how: str) -> None:
    opened(page, owner, draft)
    with page.expect_response("**/answers/"):
        if how == "tap again":
            page.locator(f"{LEFT}-group .pick:has(:checked)").click()
        elif how == "Clear":
            page.locator(f"{LEFT}-clear").click()
        else:
            page.focus(f"{LEFT}-group input:checked")
            page.keyboard.press("Delete")
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert page.locator(f"{LEFT}-group .pick input:checked").count() == 0
    assert row(draft, "ankle_dorsiflexion", "left") is None


def test_X11_without_javascript_the_same_form_saves_clears_and_goes_on(
    page_no_js: Page, owner: User, draft: Exam
) -> None:
    page = opened(page_no_js, owner, draft)
    page.locator(f"{LEFT}-clear").click()
    assert row(draft, "ankle_dorsiflexion", "left") is None
    assert page.title().startswith("Ankle and toes")
    page.locator(f"{INVERSION}-group .pick").nth(7).click()
    page.get_by_role("button", name="Save and continue").last.click()
    assert page.title().startswith("Sensation")
    saved = row(draft, "ankle_inversion", "left")
    assert saved is not None
    assert saved.token == "5"


def test_enter_in_a_number_saves_the_step_and_clears_nothing(
    page_no_js: Page, owner: User, draft: Exam
) -> None:
    factories.answer(factories.desk(owner), draft, "hip_abduction_force_n.left", "120")
    page = opened(page_no_js, owner, draft, "measured")
    page.fill("#dorsiflexion_range_deg-left", "-5")
    page.press("#dorsiflexion_range_deg-left", "Enter")
    assert not page.url.endswith("/measured/")
    first, typed = row(draft, "hip_abduction_force_n", "left"), row(draft, "dorsiflexion_range_deg", "left")
    assert first is not None
    assert typed is not None
    assert (first.token, typed.token) == ("120", "-5")


def test_a_problem_is_told_at_the_top_with_a_link_to_its_field(
    page: Page, owner: User, draft: Exam, console: Console
) -> None:
    opened(page, owner, draft, "measured")
    page.fill("#hip_abduction_force_n-left", "strong")
    page.get_by_role("button", name="Save and continue").last.click()
    summary = page.locator(".errsum")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    summary.get_by_role("link").first.click()
    expect(page.locator("#hip_abduction_force_n-left")).to_be_focused()
    expect(page.locator("#hip_abduction_force_n-left")).to_have_value("strong")
    expect(page.locator("#hip_abduction_force_n-left-error")).to_contain_text("type a number")
    console.expect("422")


def test_the_drawing_and_its_two_legs_have_ids_of_their_own(page: Page, owner: User) -> None:
    both = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "3"}
    exam = factories.exam(factories.desk(owner), protocol="full", affected_side="bilateral", answers=both)
    opened(page, owner, exam)
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    for side, grade in (("left", "2"), ("right", "3")):
        muscle = page.locator(f"#path-{side}-muscle-ankle_dorsiflexion")
        assert muscle.get_attribute("class") == "muscle is-weak"
        assert muscle.locator(".grade").text_content() == grade


def test_the_sheet_opens_and_closes_without_javascript(page_no_js: Page, owner: User, draft: Exam) -> None:
    page_no_js.set_viewport_size({"width": 768, "height": 1024})
    page = opened(page_no_js, owner, draft)
    expect(page.locator("#live .pathway")).to_be_hidden()
    page.locator("#sheet-handle").click()
    expect(page.locator("#live .pathway")).to_be_visible()
    page.locator("#sheet-handle").click()
    expect(page.locator("#live .pathway")).to_be_hidden()
