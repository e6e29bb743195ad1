"""What a core exam costs in taps: every step by touch alone, one tap an answer and no bulk act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Observation
from exams.steps import Step, places_of, steps_for
from localization import CATALOGUE
from tests import factories
from tests.browser.screens import SIZES, sign_in, step_path
from tests.browser.walk import Walker
from tests.plugins.browser import TIMEOUT_MS, Console

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page
    from pytest_django.live_server_helper import LiveServer

BEYOND_ANSWERS = 8  # taps that are no answers: going on, and the own impression
SLOW_MS = 30_000
# A LEFT foot drop; what is not named here is no, normal or 5.
FOUND = {
    "onset": "days",
    "precipitant": "leg_crossing",
    "gait_pattern": "steppage",
    "heel_walk.left": "unable",
    "ankle_dorsiflexion.left": "2",
}
USUAL = ("no", "normal", "negative", "able", "5")


@pytest.fixture(params=["tablet-portrait", "phone"])
def touched(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, console: Console
) -> Iterator[Page]:
    """A page on a screen that is touched: no mouse, no keys."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": height},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    console.watch(page, live_server.url)
    yield page
    context.close()


@dataclass
class Finger:
    """One finger, and how often it taps."""

    page: Page
    taps: int = 0

    def tap(self, target: Locator) -> None:
        """Tap where the target can be hit; the page scrolls there first."""
        target.tap()
        self.taps += 1

    def walk_step(self, step: Step) -> None:
        """Answer every row of a step by one tap each, and go on."""
        expect(Walker(self.page, scripted=True).heading(step.title)).to_be_visible(timeout=SLOW_MS)
        for finding, side in step.places:
            place = f"{finding}.{side}".rstrip(".")
            key = f"fieldset[data-prefix='{place}'] .pick:has(input[value='{value(finding, side)}'])"
            self.tap(self.page.locator(key))
        self.go_on()

    def go_on(self) -> None:
        """Save and continue."""
        self.tap(self.page.get_by_role("button", name="Save and continue", exact=True))


def value(finding: str, side: str) -> str:
    """Return this patient's answer."""
    offered = {one.token for one in CATALOGUE[finding].scale.values if one.offered}
    usual = next((token for token in USUAL if token in offered), "")
    return FOUND.get(f"{finding}.{side}".rstrip("."), usual)


def test_X07_a_core_exam_takes_one_tap_an_answer_and_eight_more(
    touched: Page, owner: User, record_property: Callable[[str, object], None]
) -> None:
    draft = factories.exam(factories.desk(owner), protocol="core", affected_side="left")
    steps = [step for step in steps_for("core") if step.finding_ids]
    places = list(places_of(steps))
    sign_in(touched, owner)
    touched.goto(step_path(draft, steps[0].slug))
    hand = Finger(touched)
    for step in steps:
        hand.walk_step(step)
    walker = Walker(touched, scripted=True)
    expect(walker.heading("My impression")).to_be_visible(timeout=SLOW_MS)
    hand.tap(touched.locator(".radio-card").first)
    hand.go_on()
    expect(walker.heading("Check your answers")).to_be_visible(timeout=SLOW_MS)
    stored = {(row.finding, row.side): row.token for row in Observation.objects.filter(exam=draft)}
    assert stored == {place: value(*place) for place in places}
    record_property("taps", hand.taps)
    record_property("answers", len(places))
    assert hand.taps <= len(places) + BEYOND_ANSWERS
