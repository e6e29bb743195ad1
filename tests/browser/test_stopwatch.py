"""The stopwatch of the timed walk: started, stopped, corrected by hand, and not there without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam, Observation
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_step_ui import SAVED, opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = "#walk_10m_s"
WATCH = "#walk_10m_s-watch"


def walked(draft: Exam) -> list[str]:
    return list(Observation.objects.filter(exam=draft, finding="walk_10m_s").values_list("token", flat=True))


def test_the_stopwatch_fills_in_the_seconds_and_saves_them_only_when_stopped(page: Page, owner: User) -> None:
    draft = factories.exam(factories.desk(owner), protocol="full")
    page.clock.install(time="2026-11-24T10:00:00")
    opened(page, owner, draft, "gait")
    page.clock.pause_at("2026-11-24T10:01:00")
    page.locator(WATCH).click()
    page.clock.run_for(11_400)
    expect(page.locator(WATCH)).to_have_accessible_name(
        re.compile("^Stop the stopwatch of the 10-metre walk")
    )
    assert walked(draft) == []
    page.locator(WATCH).click()
    expect(page.locator(SECONDS)).to_have_value("11.4")
    page.clock.run_for(1_000)
    expect(page.locator("#save-state")).to_have_text(SAVED)
    assert walked(draft) == ["11.4"]
    page.locator(SECONDS).fill("12.0")
    page.locator(SECONDS).blur()
    page.clock.run_for(1_000)
    expect(page.locator("#save-state")).to_have_text(SAVED)
    expect(page.locator(".watch .time span").first).to_have_text("12.0")
    assert walked(draft) == ["12.0"]


def test_the_usual_speed_stands_below_the_seconds(page: Page, owner: User) -> None:
    draft = factories.exam(factories.desk(owner), protocol="full")
    opened(page, owner, draft, "gait")
    expect(page.locator("#walk_10m_s-context")).to_have_text(
        re.compile(r"^Usual at own pace for (wo)?men of \d")
    )


def test_without_javascript_the_seconds_are_typed(page_no_js: Page, owner: User) -> None:
    draft = factories.exam(factories.desk(owner), protocol="full")
    sign_in(page_no_js, owner)
    page_no_js.goto(step_path(draft, "gait"))
    expect(page_no_js.locator(WATCH)).to_be_hidden()
    expect(page_no_js.locator(SECONDS)).to_be_visible()
