"""On a phone a red flag is met in two taps and a line of text, and the bar stays thin before and after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clinics.models import Clinic
from exams.models import RedFlagAction
from exams.services.flags import meet_flags
from tests import factories
from tests.browser.screens import MEASURES, SIZES, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Locator

THREE = {"bladder_bowel": "yes", "cancer": "yes", "back_pain": "yes", "ankle_clonus.left": "yes"}
AT_REST = {"phone": 0.26, "laptop": 0.22, "tablet-portrait": 0.23}  # of the screen, three flags and a caution


class Hand:
    """Taps what it is given and counts."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, target: Locator) -> None:
        target.click()
        self.taps += 1


def height(bar: Locator) -> float:
    box = bar.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("size", AT_REST)
def test_three_red_flags_are_met_in_two_taps_and_a_line(page: Page, owner: User, size: str) -> None:
    width, tall = SIZES[size]
    page.set_viewport_size({"width": width, "height": tall})
    sign_in(page, owner)
    exam = factories.exam(factories.desk(owner), protocol="full", answers=THREE)
    page.goto(step_path(exam, "gait"))
    bar, hand = page.locator("#red-flags"), Hand()
    assert page.locator(".redflag").count() >= 3
    assert height(bar) <= AT_REST[size] * tall
    line = page.get_by_label("What was agreed?")
    expect(line).to_be_hidden()
    hand.tap(bar.get_by_role("radio", name="Emergency department"))
    line.fill("Go there now, MRI tonight.")
    hand.tap(bar.get_by_role("button", name="Record", exact=True))
    expect(page.locator(".redflag.acked").first).to_be_visible()
    assert page.url.endswith("/gait/")
    assert hand.taps == 2
    told = page.locator(".flag-done")
    expect(told).to_have_count(1)
    expect(told).to_contain_text(f"{owner.get_full_name()} told the emergency department")
    expect(told).to_contain_text("Go there now, MRI tonight.")
    assert height(bar) <= AT_REST[size] * tall
    assert RedFlagAction.objects.count() == page.locator(".redflag.acked").count() >= 3
    bar.get_by_text("What they mean").click()
    said = bar.get_by_text(re.compile("Told the emergency department, .*MRI tonight", re.DOTALL))
    expect(said.first).to_be_visible()
    assert 0 < height(bar) <= 0.36 * tall + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_X04_the_number_to_ring_keeps_its_distance_when_a_flag_is_met(
    page: Page, owner: User, size: str
) -> None:
    at = factories.desk(owner)
    Clinic.objects.filter(pk=at.clinic.pk).update(urgent_telephone="020 7946 0123")
    exam = factories.exam(at, protocol="full", answers={"bladder_bowel": "yes"})
    meet_flags(desk=at, exam=exam, flags=["cauda_equina"], told="supervisor", action="Sent.", key=uuid4())
    width, tall = SIZES[size]
    page.set_viewport_size({"width": width, "height": tall})
    sign_in(page, owner)
    page.goto(step_path(exam, "gait"))
    expect(page.locator(".flag-call")).to_be_visible()
    assert page.evaluate(MEASURES) == []
