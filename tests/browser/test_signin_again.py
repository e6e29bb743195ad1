"""A session that ends while an exam is open: warned of before, and signed in again over the page after."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from clinics import sessions
from clinics.models import AuditEvent
from exams.models import Exam, Observation
from tests import factories
from tests.browser.accessible import axe
from tests.browser.screens import sign_in, step_path
from tests.browser.test_saving import ANSWERS, held, key, label, stored

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.plugins.browser import Console

SAVED = re.compile(r"^Saved \d{2}:\d{2}$")


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


@pytest.fixture
def step(page: Page, owner: User, draft: Exam) -> Page:
    """The ankle step of the draft, open in the examiner's browser."""
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    return page


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sign in to go on")


def ended(page: Page) -> None:
    """Answer after the session has ended; the dialog opens."""
    Session.objects.all().delete()
    key(page, "ankle_inversion-left", "4").click()
    expect(dialog(page)).to_be_visible()


def type_password(page: Page, password: str = factories.PASSWORD) -> None:
    dialog(page).get_by_label("Password").fill(password)
    dialog(page).get_by_role("button", name="Sign in").click()


def test_C05_the_same_person_signs_in_over_the_page_and_the_answers_are_sent(
    step: Page, draft: Exam, owner: User, console: Console
) -> None:
    bodies: list[str | None] = []
    step.on("request", lambda one: bodies.append(one.post_data) if one.url.endswith("/answers/") else None)
    address = step.url
    ended(step)
    expect(dialog(step).get_by_label("Email")).to_have_value(owner.email)
    assert dialog(step).get_by_label("Email").is_editable() is False
    step.keyboard.press("5")
    assert dialog(step).get_by_label("Password").input_value() == ""
    assert not Observation.objects.filter(exam=draft).exists()
    type_password(step)
    expect(label(step)).to_have_text(SAVED)
    assert step.url == address
    assert stored(draft, "ankle_inversion") == "4"
    assert bodies[0] == bodies[1]
    assert len(bodies) == 2
    expect(dialog(step)).to_have_count(0)
    assert step.locator("input[type=password]").count() == 0
    assert step.evaluate("document.activeElement.name") == "ankle_inversion.left.token"
    assert AuditEvent.objects.filter(act="person.signed_in").count() == 1
    console.expect("401")


def test_A08_a_session_that_ends_while_the_network_is_away_keeps_the_answers_and_sends_them_once(
    step: Page, draft: Exam, console: Console
) -> None:
    step.route(ANSWERS, lambda route: route.abort())
    key(step, "ankle_inversion-left", "4").click()
    key(step, "ankle_eversion-left", "3").click()
    expect(label(step)).to_contain_text("Not saved. Retrying…")
    Session.objects.all().delete()
    step.unroute(ANSWERS)
    step.get_by_role("button", name="Try now").click()
    expect(dialog(step)).to_be_visible()
    expect(label(step)).to_contain_text("Sign in to go on. Your answers are kept")
    assert not Observation.objects.filter(exam=draft).exists()
    type_password(step)
    expect(label(step)).to_have_text(SAVED)
    assert (stored(draft, "ankle_inversion"), stored(draft, "ankle_eversion")) == ("4", "3")
    assert AuditEvent.objects.filter(act="answer.saved").count() == 2
    for complaint in ("ERR_FAILED", "htmx:", "401"):
        console.expect(complaint)


def test_a_wrong_password_is_said_and_too_many_are_refused_as_on_the_sign_in_page(
    step: Page, draft: Exam, console: Console
) -> None:
    ended(step)
    type_password(step, "wrong")
    problem = dialog(step).get_by_role("alert")
    expect(problem).to_have_text("The password is not right. Type it again.")
    expect(dialog(step).get_by_label("Password")).to_be_focused()
    console.expect("400")
    for _ in range(9):
        type_password(step, "wrong")
        expect(dialog(step).get_by_role("button", name="Sign in")).to_be_enabled()
    type_password(step)
    expect(problem).to_contain_text("Too many wrong attempts.")
    expect(label(step)).to_contain_text("Sign in to go on. Your answer is kept")
    assert stored(draft, "ankle_inversion") is None
    for status in ("400", "429", "401"):
        console.expect(status)


def test_another_person_who_signs_in_does_not_send_this_pages_answers(
    step: Page, draft: Exam, owner: User, colleague: User, console: Console
) -> None:
    ended(step)
    sent: list[str] = []
    step.on("request", lambda one: sent.append(one.url) if one.url.endswith("/answers/") else None)
    other = step.context.new_page()
    sign_in(other, colleague)
    type_password(step)
    expect(dialog(step).get_by_role("alert")).to_contain_text("Another person is signed in")
    dialog(step).get_by_role("button", name="Not now").click()
    step.get_by_role("button", name="Save and continue").last.click()
    assert step.url.endswith("/ankle-and-toes/")
    assert sent == []
    expect(dialog(step)).to_be_visible()
    step.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    type_password(step)
    step.wait_for_url("**/sensation/")
    row = Observation.objects.get(exam=draft, finding="ankle_inversion")
    assert row.recorded_by == owner
    console.expect("401")


def test_a_person_who_takes_over_in_another_window_sends_nothing_of_this_page(
    step: Page, draft: Exam, owner: User, colleague: User, console: Console
) -> None:
    other = step.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").first.click()
    other.get_by_label("Email").fill(colleague.email)
    other.get_by_label("Password").fill(factories.PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("/")
    key(step, "ankle_inversion-left", "4").click()
    expect(label(step)).to_contain_text("Not sent: another person is signed in. 1 answer kept on this page")
    assert not Observation.objects.filter(exam=draft).exists()
    sign_in(other, owner)
    step.get_by_role("button", name="Try now").click()
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
    console.expect("403")


def test_the_dialog_is_found_good_by_the_accessibility_check_and_fits_a_zoomed_page(
    step: Page, console: Console
) -> None:
    ended(step)
    type_password(step, "wrong")
    expect(dialog(step).get_by_role("alert")).not_to_be_empty()
    step.set_viewport_size({"width": 320, "height": 480})
    assert axe(step) == []
    assert dialog(step).evaluate("one => one.scrollWidth <= one.clientWidth")
    for control in dialog(step).locator("input, button").all():
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert 0 <= box["y"] <= 480 - box["height"]
    for status in ("400", "401"):
        console.expect(status)


# ---------------------------------------------------------------- before it ends


def idle_for(seconds: float) -> None:
    """Put the last act of the one session so far into the past."""
    store = SessionStore(Session.objects.get().session_key)
    store[sessions.LAST_ACT] = int(time.time() - seconds)
    store[sessions.SIGNED_IN] = store[sessions.LAST_ACT]
    store.save()


def test_A05_two_minutes_before_the_end_it_is_said_and_one_key_goes_on(
    page: Page, owner: User, draft: Exam
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    idle_for(13.5 * 60)
    page.clock.fast_forward(13 * 60 * 1000 + 1000)
    warning = page.get_by_text(re.compile(r"^You will be signed out at \d\d:\d\d unless you go on\.$"))
    expect(warning).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("unless you go on. Any key goes on.")
    page.focus("#ankle_inversion-left")
    page.focus("#idle-go-on")
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(page.locator("#ankle_inversion-left")).to_be_focused()
    store = SessionStore(Session.objects.get().session_key)
    assert time.time() - store[sessions.LAST_ACT] < 60


def test_A05_a_session_that_others_windows_keep_alive_is_not_warned_of_and_asking_keeps_none_alive(
    page: Page, owner: User, draft: Exam
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    idle_for(60)
    before = SessionStore(Session.objects.get().session_key)[sessions.LAST_ACT]
    with page.expect_response("**/session/"):
        page.clock.fast_forward(13 * 60 * 1000 + 1000)
    expect(page.locator("#idle-warning")).to_be_hidden()
    assert SessionStore(Session.objects.get().session_key)[sessions.LAST_ACT] == before


def test_A05_a_page_left_alone_asks_to_sign_in_when_the_session_is_over(
    page: Page, owner: User, draft: Exam, console: Console
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    Session.objects.all().delete()
    page.clock.fast_forward(13 * 60 * 1000 + 1000)
    type_password(page)
    expect(dialog(page)).to_have_count(0)
    with page.expect_response(ANSWERS) as answer:
        key(page, "ankle_inversion-left", "4").click()
        page.clock.run_for(1000)
    assert answer.value.ok
    console.expect("401")


@pytest.mark.parametrize("trouble", ["slow", "away"])
def test_C05_while_the_token_of_the_page_is_renewed_nothing_is_sent_with_the_old_one(
    step: Page, draft: Exam, console: Console, trouble: str
) -> None:
    asked = held(step, "**/session/")
    step.evaluate("document.body.setAttribute('hx-headers', JSON.stringify({'x-csrftoken': 'x'.repeat(64)}))")
    with step.expect_request("**/session/"):
        key(step, "ankle_inversion-left", "4").click()
    key(step, "ankle_inversion-right", "3").click()
    key(step, "ankle_eversion-left", "2").click()  # the answer before is given at once
    if trouble == "slow":
        asked[0].continue_()
    else:
        asked[0].abort()
        step.unroute("**/session/")
        step.get_by_role("button", name="Try now").click()
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
    assert stored(draft, "ankle_inversion", "right") == "3"
    console.expect("403")
    if trouble == "away":
        console.expect("ERR_FAILED")
