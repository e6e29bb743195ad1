"""A step of each layout in another look: keeps the accessibility rules, and covers no focus at 400 %."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

from exams.models import Exam
from tests.browser.accessible import LOOKS, at_400_percent, broken_rules, covered, sideways
from tests.browser.screens import dense_draft, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAYOUTS = ("red-flags", "ankle-and-toes", "sensation")  # words, grades, areas


@pytest.fixture
def draft(owner: User) -> Exam:
    return dense_draft(owner)


def problems_of(page: Page, looks: list[str]) -> list[str]:
    """Return everything that is wrong with the page that is open, in these looks and at 400 %."""
    found = [problem for look in looks for problem in broken_rules(page, look)]
    with at_400_percent(page):
        return [*found, *sideways(page), *(f"covered at 400 %: {one}" for one in covered(page))]


def test_X13_X12_a_step_of_each_layout_keeps_the_rules_and_covers_no_focus_at_400_percent(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    found = {}
    for slug, look in zip(LAYOUTS, cycle(LOOKS), strict=False):
        page.goto(step_path(draft, slug))
        if problems := problems_of(page, [look]):
            found[slug] = problems
    assert found == {}


def test_K11_who_is_examined_and_which_side_stay_in_view_at_200_percent(
    page: Page, owner: User, draft: Exam
) -> None:
    page.set_viewport_size({"width": 640, "height": 400})
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate("window.scrollY") > 400
    for words in ("Lindqvist, Astrid", "14 Mar 1961", "patient’s LEFT"):
        box = page.locator(".banner").get_by_text(words).last.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 140


def test_X12_the_check_for_a_covered_focus_sees_a_bar_that_lies_over_it(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    page.goto(step_path(draft, "gait"))
    assert covered(page) == []
    page.evaluate("document.querySelector('.actions').style.top = '0'")
    page.evaluate("document.querySelector('.actions').style.minHeight = '90vh'")
    assert any("actions" in one for one in covered(page))
