"""The screens' measures: 44 px keys, 8 px apart, nothing sideways, no broken word, no rule of axe broken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from exams.models import Exam
from exams.sheet import sheet_of
from tests import factories
from tests.browser.accessible import TALL, axe
from tests.browser.screens import MEASURES, SIZES, dense_draft, screens, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROKEN_WORDS = (Path(__file__).parent / "broken_words.js").read_text(encoding="utf-8")
CROWDED_NAMES = (Path(__file__).parent / "crowded_names.js").read_text(encoding="utf-8")
CUT_SHORT = """() => [...document.querySelectorAll(".prev")].filter(
    (told) => told.scrollWidth > told.clientWidth + 1 || told.scrollHeight > told.clientHeight + 1
).map((told) => told.textContent)"""
SMALLEST_DRAWING = 0.8 * 474  # px: below this its text is too small to read
FIBULAR = {
    "ankle_dorsiflexion.left": "2",
    "ankle_dorsiflexion.right": "5",
    "ankle_eversion.left": "3",
    "ankle_inversion.left": "5",
    "dorsum_foot.left": "reduced",
}
# The narrowest window that WCAG asks for, on a small phone.
EVERY_SIZE = {**SIZES, "narrow-phone": (320, 640)}
ZOOMED = (320, 480)  # CSS px of a small laptop at 400 %


@pytest.fixture
def draft(owner: User) -> Exam:
    return dense_draft(owner)


def measured(page: Page, exam: Exam) -> dict[str, Any]:
    """Return the problems of every screen that has any."""
    found = {}
    for name, path in screens(exam).items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        if problems := page.evaluate(MEASURES):
            found[name] = problems
    return found


@pytest.mark.parametrize("size", EVERY_SIZE)
def test_X04_every_control_is_44_px_and_8_px_from_the_next_and_nothing_runs_sideways(
    page: Page, owner: User, draft: Exam, size: str
) -> None:
    width, height = EVERY_SIZE[size]
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, owner)
    assert measured(page, draft) == {}


def test_no_word_of_any_step_is_broken_or_crowded_at_any_size(page: Page, owner: User, draft: Exam) -> None:
    sign_in(page, owner)
    found = {}
    for step in sheet_of(draft).steps:
        page.goto(step_path(draft, step.slug))
        for size, (width, height) in EVERY_SIZE.items():
            page.set_viewport_size({"width": width, "height": height})
            if words := page.evaluate(BROKEN_WORDS) + page.evaluate(CROWDED_NAMES):
                found[step.slug, size] = words
    assert found == {}


def test_what_the_visit_before_found_is_told_whole_at_any_size(page: Page, owner: User) -> None:
    desk = factories.desk(owner)
    earlier = factories.exam(desk, protocol="full", answers={"slr.left": "negative"})
    for place in ("slr.right", "ankle_eversion.left", "ankle_eversion.right"):
        factories.answer(desk, earlier, place, "", not_tested=True, reason="not_done")
    Exam.objects.filter(pk=earlier.pk).update(state=Exam.State.SUBMITTED)
    answers = {"slr.left": "positive", "ankle_eversion.left": "4"}
    now = factories.exam(desk, earlier.patient, protocol="full", answers=answers)
    sign_in(page, owner)
    for slug, told in (("straight-leg-raise", 2), ("ankle-and-toes", 2)):
        page.goto(step_path(now, slug))
        for width, height in EVERY_SIZE.values():
            page.set_viewport_size({"width": width, "height": height})
            assert page.locator(".prev").count() == told
            assert page.evaluate(CUT_SHORT) == [], (slug, width)


def test_the_tests_have_nearly_half_of_a_narrow_phone(page: Page, owner: User) -> None:
    width, height = EVERY_SIZE["narrow-phone"]
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, owner)
    page.goto(step_path(factories.exam(factories.desk(owner), protocol="full"), "ankle-and-toes"))
    top = page.locator("main").bounding_box()
    way_on = page.locator(".actions").bounding_box()
    assert top is not None
    assert way_on is not None
    assert way_on["y"] - top["y"] >= 0.45 * height


def test_X13_nothing_runs_sideways_at_400_percent_zoom(page: Page, owner: User, draft: Exam) -> None:
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    sign_in(page, owner)
    sideways = {
        name: wide
        for name, problems in measured(page, draft).items()
        if (wide := [problem for problem in problems if problem.startswith("sideways")])
    }
    assert sideways == {}


def test_the_accessibility_check_finds_nothing_on_any_screen_of_a_dark_phone(
    page: Page, owner: User, draft: Exam
) -> None:
    page.set_viewport_size({"width": SIZES["phone"][0], "height": TALL})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    sign_in(page, owner)
    found = {}
    for name, path in screens(draft).items():
        page.goto(path)
        if broken := axe(page):
            found[name] = broken
    assert found == {}


def test_the_measures_see_a_small_key_a_crowded_one_and_a_wide_part(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    page.evaluate(
        """() => {
          const crowd = Object.assign(document.createElement('button'), {id: 'crowd', textContent: '.'});
          document.querySelector('.mrc .pick').before(crowd);
          crowd.style.cssText = 'width: 20px; height: 20px; justify-self: end; margin-right: -6px';
          document.querySelector('.head').append('wide'.repeat(400));
        }"""
    )
    problems = " ".join(page.evaluate(MEASURES))
    for word in ("small: crowd", "close: crowd", "sideways: main"):
        assert word in problems


@pytest.mark.parametrize("size", SIZES)
def test_who_is_examined_and_which_side_stay_in_view(page: Page, owner: User, draft: Exam, size: str) -> None:
    page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    page.locator(".main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    for words in ("Lindqvist, Astrid", "14 Mar 1961", "patient’s LEFT"):
        box = page.locator(".banner").get_by_text(words).last.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 140


@pytest.mark.parametrize("size", ["laptop", "tablet-landscape"])
def test_all_that_signing_asks_is_in_view_beside_a_red_flag(
    page: Page, owner: User, draft: Exam, size: str
) -> None:
    page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    sign_in(page, owner)
    page.goto(reverse("exams:check", args=[draft.pk]))
    password = page.locator("#id_password").bounding_box()
    bar = page.locator(".sign-acts").bounding_box()
    assert password is not None
    assert bar is not None
    assert page.locator("#red-flags .flag-bar").is_visible()
    assert password["y"] + password["height"] <= bar["y"]


def test_X12_focus_is_never_hidden_behind_the_banner_or_the_action_bar(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    top = page.locator(".main").bounding_box()
    bar = page.locator(".actions").bounding_box()
    assert top is not None
    assert bar is not None
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        box = page.evaluate(
            """() => {
              const node = document.activeElement;
              if (!node.closest('.mus')) return null;
              const box = (node.closest('.pick') || node).getBoundingClientRect();
              return [box.top, box.bottom];
            }"""
        )
        if box is None:
            continue
        seen += 1
        assert box[0] >= top["y"] - 1
        assert box[1] <= bar["y"] + 1
    assert seen > 20


@pytest.mark.parametrize("size", ["laptop", "tablet-landscape"])
def test_the_panel_shows_the_whole_pathway_between_the_levels_and_the_next_best_test(
    page: Page, owner: User, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, owner)
    exam = factories.exam(factories.desk(owner), protocol="full", answers=FIBULAR)
    page.goto(step_path(exam, "ankle-and-toes"))
    drawing = page.locator("#live .pathway").bounding_box()
    levels = page.locator("#live .top").bounding_box()
    following = page.locator("#live .nextbox").bounding_box()
    assert drawing is not None
    assert levels is not None
    assert following is not None
    assert levels["y"] + levels["height"] <= drawing["y"]
    assert drawing["y"] + drawing["height"] <= following["y"]
    assert following["y"] + following["height"] <= height + 1
    assert drawing["height"] >= SMALLEST_DRAWING


@pytest.mark.parametrize("size", ["laptop", "tablet-landscape"])
def test_under_a_red_flag_the_drawing_scrolls_to_its_leading_level(
    page: Page, owner: User, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, owner)
    exam = factories.exam(factories.desk(owner), protocol="full", answers={**FIBULAR, "cancer": "yes"})
    page.goto(step_path(exam, "ankle-and-toes"))
    level = page.locator("#live .rank-1 .stop").first.bounding_box()
    drawing = page.locator("#live .figs").bounding_box()
    assert level is not None
    assert drawing is not None
    assert drawing["y"] <= level["y"]
    assert level["y"] + level["height"] <= drawing["y"] + drawing["height"]


def test_the_caution_about_brain_or_cord_stands_on_every_page_and_leaves_the_drawing_in_view(
    page: Page, owner: User
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in(page, owner)
    exam = factories.exam(
        factories.desk(owner), protocol="full", answers={**FIBULAR, "knee_reflex.left": "brisk"}
    )
    for slug, path in screens(exam).items():
        if f"/{exam.pk}/" not in path:
            continue
        page.goto(path)
        caution = page.locator(".tripwire summary")
        assert caution.is_visible(), slug
        assert "Knee reflex brisk, patient's LEFT" in str(caution.text_content())
        assert page.locator(".tripwire button").count() == 0
    page.goto(step_path(exam, "ankle-and-toes"))
    level = page.locator("#live .rank-1 .stop").first.bounding_box()
    drawing = page.locator("#live .figs").bounding_box()
    following = page.locator("#live .nextbox").bounding_box()
    assert level is not None
    assert drawing is not None
    assert following is not None
    assert drawing["y"] <= level["y"]
    assert level["y"] + level["height"] <= drawing["y"] + drawing["height"]
    assert following["y"] + following["height"] <= 768 + 1
