"""Autosave in a real browser: one settled value is one save, and the label never says more than the truth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from tests import factories
from tests.browser.screens import sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request, Route

    from tests.plugins.browser import Console

SAVED = re.compile(r"Saved \d{2}:\d{2}")
PENDING = re.compile(r"^Last saved \d{2}:\d{2}$")
ANSWERS = "**/answers/"


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers={"ankle_dorsiflexion.left": "2"})


@pytest.fixture
def step(page: Page, owner: User, draft: Exam) -> Page:
    """The ankle step of the draft, open in the examiner's browser."""
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    return page


def label(page: Page) -> Locator:
    return page.locator("#save-state")


def key(page: Page, group: str, grade: str) -> Locator:
    """Return one grade key of a group such as ankle_inversion-left."""
    return page.locator(f"#{group}-group .pick:has(input[value='{grade}'])")


def stored(draft: Exam, finding: str, side: str = "left") -> str | None:
    row = Observation.objects.filter(exam=draft, finding=finding, side=side).first()
    return row.token if row else None


def held(page: Page, address: str) -> list[Route]:
    """Keep every request for the address on its way until the test lets it go."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route(address, hold)
    return routes


def test_X06_an_arrow_walk_from_0_to_5_is_one_save_of_the_settled_value(step: Page, draft: Exam) -> None:
    sent: list[str | None] = []

    def keep(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.post_data)

    step.on("request", keep)
    step.focus("#ankle_inversion-left")
    step.keyboard.press("Space")
    for _ in range(7):
        step.keyboard.press("ArrowRight")
    with step.expect_response(ANSWERS):
        pass
    expect(label(step)).to_contain_text(SAVED)
    assert len(sent) == 1
    assert stored(draft, "ankle_inversion") == "5"
    saves = AuditEvent.objects.filter(
        act="answer.saved", object_id=str(Observation.objects.latest("recorded").pk)
    )
    assert saves.count() == 1


def test_the_focus_stays_where_it_was_when_the_panel_is_swapped(step: Page) -> None:
    with step.expect_response(ANSWERS):
        key(step, "ankle_eversion-left", "3").click()
    expect(label(step)).to_contain_text(SAVED)
    expect(step.locator("#path-left-muscle-ankle_eversion")).to_have_class("muscle is-weak")
    assert step.evaluate("document.activeElement.name") == "ankle_eversion.left.token"


def test_saving_is_said_while_the_server_has_not_answered(step: Page) -> None:
    saves = held(step, ANSWERS)
    with step.expect_request(ANSWERS):
        key(step, "ankle_inversion-left", "4").click()
    expect(label(step)).to_have_text(re.compile("Saving…"))
    expect(step.locator(".live")).to_have_class(re.compile("updating"))
    saves[0].continue_()
    expect(label(step)).to_have_text(SAVED)


def test_C06_an_answer_ends_saved_at_once_and_saving_is_said_once_the_server_is_slow(
    page: Page, owner: User, draft: Exam
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    expect(label(page)).to_have_text(SAVED)
    saves = held(page, ANSWERS)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    key(page, "ankle_inversion-left", "4").click()
    expect(label(page)).to_have_text(PENDING)  # while it settles
    with page.expect_request(ANSWERS):
        page.clock.run_for(700)
    expect(label(page)).to_have_text(PENDING)  # while it is on its way, but not for long
    page.clock.run_for(450)
    expect(label(page)).to_have_text(PENDING)
    page.clock.run_for(100)
    expect(label(page)).to_have_text("Saving…")
    expect(page.locator(".live")).to_have_class(re.compile("updating"))
    saves[0].continue_()
    expect(label(page)).to_have_text(SAVED)


@pytest.mark.parametrize("late", ["settle.js", "save.js"])
def test_C05_an_answer_given_before_the_scripts_arrive_is_saved_and_keeps_the_focus(
    page: Page, owner: User, draft: Exam, late: str
) -> None:
    sign_in(page, owner)
    scripts = held(page, f"**/{late}")
    page.goto(step_path(draft, "ankle-and-toes"), wait_until="commit")
    key(page, "ankle_inversion-left", "4").click()
    assert Observation.objects.count() == 1
    expect(label(page)).to_have_text(PENDING)
    with page.expect_response(ANSWERS):
        scripts[0].continue_()
    expect(label(page)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
    assert page.evaluate("document.activeElement.name") == "ankle_inversion.left.token"


def test_a_failing_server_is_said_and_the_same_answer_is_sent_again(
    step: Page, draft: Exam, console: Console
) -> None:
    bodies: list[str | None] = []

    def fail(route: Route) -> None:
        bodies.append(route.request.post_data)
        route.fulfill(status=503, body="")

    step.route(ANSWERS, fail)
    key(step, "ankle_inversion-left", "4+").click()
    expect(label(step)).to_contain_text("Not saved. Retrying…")
    expect(step.locator("#announce-now")).to_have_text("Not saved. Retrying…")
    assert stored(draft, "ankle_inversion") is None
    step.unroute(ANSWERS)
    with step.expect_request(ANSWERS) as again:
        step.get_by_role("button", name="Try now").click()
    expect(label(step)).to_have_text(SAVED)
    assert again.value.post_data == bodies[0]
    assert stored(draft, "ankle_inversion") == "4+"
    console.expect("503")


def test_C02_an_answer_changed_elsewhere_is_not_overwritten_until_one_is_chosen(
    step: Page, draft: Exam, owner: User, console: Console
) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "4-")
    key(step, "ankle_dorsiflexion-left", "3").click()
    box = step.locator("#ankle_dorsiflexion-left-status .conflict")
    expect(box).to_contain_text("was changed elsewhere")
    expect(box).to_contain_text("Olive Owner")
    expect(label(step)).to_contain_text("Not saved: choose which answer to keep")
    assert stored(draft, "ankle_dorsiflexion") == "4-"
    step.get_by_role("button", name="Keep mine: 3").click()
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_dorsiflexion") == "3"
    console.expect("409")


def test_theirs_can_be_taken(step: Page, draft: Exam, owner: User, console: Console) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "4-")
    key(step, "ankle_dorsiflexion-left", "3").click()
    step.get_by_role("button", name="Take theirs: 4−").click()
    expect(step.locator("#ankle_dorsiflexion-left-group input:checked")).to_have_value("4-")
    assert stored(draft, "ankle_dorsiflexion") == "4-"
    console.expect("409")


def test_an_expired_session_keeps_page_and_answer_and_goes_on_after_signing_in(
    step: Page, draft: Exam, owner: User, console: Console
) -> None:
    address = step.url
    step.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    key(step, "ankle_inversion-left", "4").click()
    expect(label(step)).to_contain_text("Sign in to go on. Your answer is kept")
    assert step.url == address
    step.keyboard.press("Escape")
    other = step.context.new_page()
    sign_in(other, owner)
    other.close()
    step.get_by_role("button", name="Sign in").click()
    step.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
    console.expect("401")


def test_offline_keeps_the_answers_on_the_page_and_says_why_nothing_goes_on(step: Page, draft: Exam) -> None:
    step.context.set_offline(True)
    key(step, "ankle_inversion-left", "4").click()
    expect(label(step)).to_have_text(re.compile("Offline. 1 answer kept on this page"))
    expect(step.get_by_role("button", name="Save and continue")).to_be_disabled()
    expect(step.locator("#offline-reason")).to_be_visible()
    assert "ankle_inversion" not in step.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    step.context.set_offline(False)
    expect(label(step)).to_have_text(SAVED)
    assert stored(draft, "ankle_inversion") == "4"
