"""The panel after an answer in a real browser: never older than the answers unsaid, never in the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_saving import ANSWERS, SAVED, key, label, stored

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Locator, Page, Route

    from tests.plugins.browser import Console

LIVE = "**/live/?step=*"
UPDATING = re.compile(r"\bupdating\b")
WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const live = document.querySelector(".live");
    window.seen.push([document.getElementById("live").dataset.revision, live.classList.contains("updating")]);
  }).observe(document.querySelector(".live"), { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers={"ankle_dorsiflexion.left": "2"})


@pytest.fixture
def step(page: Page, owner: User, draft: Exam) -> Page:
    """The ankle step of the draft, open in the examiner's browser, with one answer in its panel."""
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    return page


def panel(page: Page) -> Locator:
    return page.locator("#live")


def whole(page: Page) -> Locator:
    return page.locator(".live")


def behind(page: Page) -> Locator:
    return page.locator("#live-behind")


def answer(page: Page, group: str, grade: str) -> None:
    """Give an answer and wait until it is in the record."""
    with page.expect_response(ANSWERS) as saved:
        key(page, group, grade).click()
    assert saved.value.ok


def test_a_result_older_than_the_answers_is_never_shown(step: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        held.append((route, route.fetch()))

    step.evaluate(WATCH)
    step.route(LIVE, hold, times=1)
    with step.expect_request(LIVE):
        answer(step, "ankle_inversion-left", "4")
    answer(step, "ankle_eversion-left", "3")
    expect(whole(step)).to_have_class(UPDATING)
    route, old = held[0]
    assert 'data-revision="2"' in old.text()
    route.fulfill(response=old)
    expect(panel(step)).to_have_attribute("data-revision", "3")
    expect(whole(step)).not_to_have_class(UPDATING)
    seen = step.evaluate("window.seen")
    assert {revision for revision, _ in seen} == {"1", "3"}
    assert ["3", False] in seen
    assert ["1", False] not in seen


def test_a_panel_that_cannot_be_had_stays_dimmed_and_says_so_until_the_next_save(
    step: Page, draft: Exam, console: Console
) -> None:
    step.route(LIVE, lambda route: route.fulfill(status=503, body="<p>busy</p>"))
    answer(step, "ankle_inversion-left", "4")
    expect(behind(step)).to_have_text(re.compile("^Not up to date: your last answers are not in it yet."))
    expect(step.locator("#announce")).to_contain_text("Not up to date")
    expect(whole(step)).to_have_class(UPDATING)
    expect(panel(step)).to_have_attribute("data-revision", "1")
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
    step.unroute(LIVE)
    answer(step, "ankle_eversion-left", "3")
    expect(panel(step)).to_have_attribute("data-revision", "3")
    expect(behind(step)).to_be_hidden()
    expect(whole(step)).not_to_have_class(UPDATING)
    console.expect("503")


def test_A08_a_session_that_ends_before_the_panel_is_asked_swaps_and_moves_nothing(
    step: Page, console: Console
) -> None:
    signed_out = {"HX-Redirect": "/accounts/sign-in/?next=/", "Content-Type": "text/plain"}
    step.route(
        LIVE, lambda route: route.fulfill(status=401, headers=signed_out, body="You have been signed out.")
    )
    address = step.url
    answer(step, "ankle_inversion-left", "4")
    expect(behind(step)).to_be_visible()
    expect(panel(step)).to_have_attribute("data-revision", "1")
    assert step.url == address
    assert "signed out" not in step.locator("body").inner_text()
    console.expect("401")


def test_a_panel_that_holds_the_focus_is_swapped_only_when_it_is_left(step: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    step.route(LIVE, hold, times=1)
    with step.expect_request(LIVE):
        answer(step, "ankle_inversion-left", "4")
    step.focus("#live-figs")
    with step.expect_response(LIVE):
        held[0].continue_()
    expect(step.locator("#rail-step-ankle-and-toes .st")).to_contain_text("2/12")
    assert step.evaluate("document.activeElement.id") == "live-figs"
    expect(panel(step)).to_have_attribute("data-revision", "1")
    expect(whole(step)).to_have_class(UPDATING)
    step.focus("#ankle_inversion-left-group .pick input:checked")
    expect(panel(step)).to_have_attribute("data-revision", "2")
    expect(whole(step)).not_to_have_class(UPDATING)
    assert step.evaluate("document.activeElement.name") == "ankle_inversion.left.token"


def test_a_run_of_answers_asks_for_the_panel_less_often_than_it_saves(step: Page) -> None:
    asked: list[str] = []
    step.on(
        "request",
        lambda one: asked.append(one.headers.get("footdrop-background", "")) if "/live/" in one.url else None,
    )
    for group in ("toe_extension-left", "toe_flexion-left", "ankle_eversion-left", "ankle_inversion-left"):
        key(step, group, "3").click()
    expect(panel(step)).to_have_attribute("data-revision", "5")
    expect(whole(step)).not_to_have_class(UPDATING)
    assert 1 <= len(asked) < 4
    assert set(asked) == {"1"}
