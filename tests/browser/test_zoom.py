"""A step as others set it up: walked by Tab at 100, 200 and 400 %, and with its text spaced out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from exams.models import Exam
from exams.sheet import sheet_of
from tests.browser.accessible import TALL, sideways
from tests.browser.screens import SIZES, dense_draft, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parent
STOP = (HERE / "stop.js").read_text(encoding="utf-8")
UNREACHED = (HERE / "unreached.js").read_text(encoding="utf-8")
SPACING = (HERE / "spacing.js").read_text(encoding="utf-8")
ZOOMS = {"100 %": (1280, 800), "200 %": (640, 400), "400 %": (320, 200)}  # CSS px of a screen of 1280 x 800
MOST = 500  # Tab presses; more than any page has controls
TRAP = """() => {
  document.querySelector(".leave").addEventListener("keydown", (press) => press.preventDefault());
}"""
WIDTHS = (SIZES["laptop"][0], SIZES["phone"][0], 320)


@pytest.fixture
def draft(owner: User) -> Exam:
    return dense_draft(owner)


def walked(page: Page) -> tuple[int, list[str]]:
    """Press Tab from the top of the page to its end; return how many stops, and what is wrong with them."""
    problems: list[str] = []
    page.focus(".skip")
    for stops in range(MOST):
        stop = page.evaluate(STOP)
        if not stop or not stop["isNew"]:
            return stops, [*problems, *(f"never reached: {one}" for one in page.evaluate(UNREACHED))]
        problems += stop["problems"]
        page.keyboard.press("Tab")
    return MOST, [*problems, f"no end after {MOST} stops"]


def walk_of(page: Page, exam: Exam, slug: str, zoom: str) -> tuple[int, list[str]]:
    """Open a step at this zoom and walk it."""
    width, height = ZOOMS[zoom]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")  # scrolling is over when the next key is pressed
    page.goto(step_path(exam, slug))
    return walked(page)


def lost_by_spacing(page: Page) -> list[str]:
    """Return what spaced text loses at each width, and what runs sideways then."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": TALL})
        found += [f"{width} px: {one}" for one in [*page.evaluate(SPACING), *sideways(page)]]
    return found


# At 400 % bars lie over the keys; at 100 % the count stays in view over the list of steps.
@pytest.mark.parametrize("zoom", ["400 %", "100 %"])
def test_X12_tab_leads_through_a_whole_step_and_every_stop_is_seen(
    page: Page, owner: User, draft: Exam, zoom: str
) -> None:
    sign_in(page, owner)
    stops, problems = walk_of(page, draft, "ankle-and-toes", zoom)
    assert problems == []
    assert stops > 40


def test_X12_the_walk_sees_a_bar_that_lies_over_the_focus_a_ring_that_is_gone_and_a_trap(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    page.emulate_media(reduced_motion="reduce")
    page.goto(step_path(draft, "gait"))
    page.evaluate("document.querySelector('.actions').style.cssText = 'min-height: 90vh; top: 0'")
    page.evaluate("document.querySelector('.leave').style.outline = 'none'")
    page.evaluate("document.querySelector('.leave').id = 'ringless'")
    problems = " ".join(walked(page)[1])
    assert "is under actions" in problems
    assert "ringless does not show that it has the focus" in problems
    page.evaluate(TRAP)
    page.evaluate("window.stops.clear()")
    assert "never reached: save-and-continue" in walked(page)[1]


# Long words in pictures, beside their answers and beside how to test; and areas and grades.
@pytest.mark.parametrize("slug", ["gait", "one-leg-stand", "red-flags", "ankle-and-toes", "sensation"])
def test_X13_nothing_is_lost_when_the_text_of_a_step_is_spaced(
    page: Page, owner: User, draft: Exam, slug: str
) -> None:
    sign_in(page, owner)
    page.goto(step_path(draft, slug))
    assert lost_by_spacing(page) == []


def test_X13_nothing_is_lost_when_the_text_of_what_was_recorded_is_spaced(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    page.goto(reverse("exams:check", args=[draft.pk]))
    assert lost_by_spacing(page) == []


@pytest.mark.long
@pytest.mark.parametrize("zoom", ZOOMS)
def test_X12_tab_leads_through_every_step_at_every_zoom(
    page: Page, owner: User, draft: Exam, zoom: str
) -> None:
    sign_in(page, owner)
    slugs = [step.slug for step in sheet_of(draft).steps]
    walks = {slug: walk_of(page, draft, slug, zoom) for slug in slugs}
    assert {slug: problems for slug, (_, problems) in walks.items() if problems} == {}
    assert min(stops for stops, _ in walks.values()) > 5


@pytest.mark.long
def test_X13_nothing_is_lost_when_the_text_of_any_step_is_spaced(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    found = {}
    for step in sheet_of(draft).steps:
        page.goto(step_path(draft, step.slug))
        if problems := lost_by_spacing(page):
            found[step.slug] = problems
    assert found == {}
