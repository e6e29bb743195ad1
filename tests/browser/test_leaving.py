"""Leaving a page: whatever leads away waits for the answers on their way, or says why it does not go."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.rows import prefix_of
from exams.steps import Step, steps_for
from localization import CATALOGUE
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_saving import ANSWERS, key, label, stored
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Locator, Page, Route

    from tests.plugins.browser import Console

# What leads away from a step, by the selector of the control.
EXITS = {
    "Save and continue": "#save-and-continue",
    "Back": ".actions a.btn-quiet",
    "a step in the rail": "#rail .pos >> nth=0",
    "Leave exam": "a.leave",
    "the mark of the site": ".banner .brand",
    "Widen": ".widen button",
}

# The scripts of a step in the order in which they run: the first notes what is missing, the last one asks.
PARTS = tuple(
    f"js/{name}"
    for name in [
        "parts",
        "groups",
        "label",
        "settle",
        "signin",
        "panel",
        "keys",
        "watch",
        "fill",
        "bodymap",
        "leaving",
        "save",
    ]
)
# What lies over the reason beside the button.
OVER_THE_REASON = """part => {
  const box = part.querySelector("#offline-reason").getBoundingClientRect();
  const isOver = (other) => other.right > box.left && other.left < box.right && other.bottom > box.top
    && other.top < box.bottom;
  return [...part.querySelectorAll(".keys > span, .btn")]
    .filter((one) => one.checkVisibility() && isOver(one.getBoundingClientRect()))
    .map((one) => one.textContent.trim());
}"""
SETTLED = 1200  # ms after which an answer is on its way, where answers are sent one by one


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner))


@pytest.fixture
def step(page: Page, owner: User, draft: Exam) -> Page:
    """The ankle step of the draft, open in the examiner's browser."""
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    return page


def reason(page: Page) -> Locator:
    return page.locator("#offline-reason")


def held(page: Page) -> list[Route]:
    """Keep the first save on its way until the test lets it go."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)
        if len(routes) > 1:
            route.continue_()

    page.route(ANSWERS, hold)
    return routes


def later_press(page: Page, link: Locator) -> None:
    """Press again, so much later that it is no double press."""
    start = page.evaluate("performance.now()")
    page.wait_for_function("start => performance.now() - start > 800", arg=start)
    link.click()


@pytest.mark.parametrize("control", EXITS)
def test_C07_every_way_out_waits_for_the_answers_and_then_goes(step: Page, draft: Exam, control: str) -> None:
    address = step.url
    routes = held(step)
    with step.expect_request(ANSWERS):  # the first is sent when the second takes the focus
        key(step, "ankle_dorsiflexion-left", "4").click()
        key(step, "ankle_dorsiflexion-right", "3").click()
    step.locator(EXITS[control]).click()
    expect(label(step)).to_have_text("Saving 2 answers, then going on…")
    expect(reason(step)).to_have_text("Saving 2 answers, then going on…")
    assert step.url == address
    assert Observation.objects.count() == 0
    with step.expect_navigation():
        routes[0].continue_()
    assert stored(draft, "ankle_dorsiflexion") == "4"
    assert stored(draft, "ankle_dorsiflexion", "right") == "3"
    assert AuditEvent.objects.filter(act="answer.saved").count() == 2
    if control != "Widen":
        assert step.url != address


def test_C07_at_every_step_the_last_key_and_save_and_continue_at_once_lose_nothing(
    page: Page, owner: User, draft: Exam
) -> None:
    sign_in(page, owner)
    walker = Walker(page, scripted=True)
    asked = [step for step in steps_for("core") if step.finding_ids]
    for step in asked:
        page.goto(step_path(draft, step.slug))
        group = page.locator("fieldset[data-autosave]").last
        group.locator(".pick input[type=radio]").first.check(force=True)
        walker.go_on()
        page.wait_for_url(lambda url, slug=step.slug: f"/{slug}/" not in url)  # type: ignore[misc]
    last_places = {step.places[-1] for step in asked}
    rows = {(row.finding, row.side) for row in Observation.objects.filter(exam=draft)}
    assert len(rows) == len(asked) >= 5
    assert rows == last_places
    assert AuditEvent.objects.filter(act="answer.saved").count() == len(asked)


@pytest.mark.long
@pytest.mark.parametrize(
    "step", [step for step in steps_for("full") if step.finding_ids], ids=attrgetter("slug")
)
def test_C07_twenty_times_at_each_step_of_a_full_exam_the_last_key_is_in_the_record(
    page: Page, owner: User, step: Step
) -> None:
    """C-07: 20 runs a step; each run gives another value than the one before it."""
    draft = factories.exam(factories.desk(owner), protocol="full")
    address = step_path(draft, step.slug)
    finding, side = step.places[-1]
    sign_in(page, owner)
    for run in range(20):
        page.goto(address)
        given = offer(page, finding, side, run)
        page.locator("#save-and-continue").click()
        page.wait_for_url(lambda url: address not in url)
        assert stored(draft, finding, side) == given, f"run {run + 1}"
    assert AuditEvent.objects.filter(act="answer.saved").count() == 20


def offer(page: Page, finding: str, side: str, run: int) -> str:
    """Give one of two values in turn, by key or as a number; returns it."""
    field = f"[name='{prefix_of(finding, side)}.token']"
    scale = CATALOGUE[finding].scale
    if scale.kind == "number":
        token = str(round(scale.minimum or 0) + 1 + run % 2)
        page.locator(f"input{field}[type=text]").fill(token)
        return token
    choice = page.locator(f"input{field}:not([value=not_tested])").nth(run % 2)
    choice.check()
    return choice.get_attribute("value") or ""


def test_C08_save_and_continue_pressed_twice_is_sent_once(step: Page, draft: Exam) -> None:
    sent: list[str] = []
    step.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    key(step, "ankle_dorsiflexion-left", "4").click()
    step.locator("#save-and-continue").dblclick()
    step.wait_for_url(lambda url: "/ankle-and-toes/" not in url)
    assert [url.rsplit("/", 2)[1] for url in sent] == ["answers", "ankle-and-toes"]
    assert AuditEvent.objects.filter(act="answer.saved").count() == 1
    assert stored(draft, "ankle_dorsiflexion") == "4"


def test_C07_without_a_network_save_and_continue_is_off_with_its_reason_and_works_again_afterwards(
    step: Page, draft: Exam
) -> None:
    on = step.get_by_role("button", name="Save and continue").last
    step.context.set_offline(True)
    expect(reason(step)).to_have_text("Offline: saving waits until the connection is back.")
    expect(label(step)).to_have_text("Offline. Every answer so far is saved")
    on.focus()
    step.keyboard.press("Enter")  # with nothing unsaved the browser would lose the page to its own error
    key(step, "ankle_dorsiflexion-left", "4").click()
    expect(label(step)).to_have_text("Offline. 1 answer kept on this page")
    expect(on).to_be_disabled()
    on.focus()
    step.keyboard.press("Enter")
    assert step.url.endswith("/ankle-and-toes/")
    assert on.evaluate("one => one === document.activeElement")
    step.context.set_offline(False)
    expect(reason(step)).to_be_hidden()
    expect(on).to_be_enabled()
    on.click()
    step.wait_for_url(lambda url: "/ankle-and-toes/" not in url)
    assert stored(draft, "ankle_dorsiflexion") == "4"


def test_C07_when_the_retries_are_used_up_the_reason_is_said_and_try_now_sends_all(
    page: Page, owner: User, draft: Exam, console: Console
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    page.route(ANSWERS, lambda route: route.abort())
    key(page, "ankle_dorsiflexion-left", "4").click()
    page.locator("#save-and-continue").click()
    for wait in (1000, 3000, 10000):
        expect(label(page)).to_contain_text("Not saved. Retrying…")
        with page.expect_event("requestfailed"):
            page.clock.run_for(wait)
    expect(label(page)).to_contain_text("Not saved: 1 answer kept on this page")
    expect(reason(page)).to_contain_text("The server cannot be reached: your answers wait on this page.")
    expect(page.get_by_role("button", name="Save and continue").last).to_be_disabled()
    page.unroute(ANSWERS)
    page.get_by_role("button", name="Try now").click()
    expect(label(page)).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert page.url.endswith("/ankle-and-toes/")  # it does not go on minutes after it was asked to
    assert stored(draft, "ankle_dorsiflexion") == "4"
    console.expect("ERR_FAILED")
    console.expect("htmx:")


def test_C07_leaving_with_an_answer_that_cannot_be_sent_asks_first(
    step: Page, draft: Exam, console: Console
) -> None:
    step.route(ANSWERS, lambda route: route.fulfill(status=503, body=""))
    key(step, "ankle_dorsiflexion-left", "4").click()
    expect(label(step)).to_contain_text("Not saved")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    step.on("dialog", agree)
    link = step.get_by_role("link", name="Leave exam").first
    link.click()
    assert asked == []
    later_press(step, link)
    step.wait_for_url("**/patients/**")
    assert asked == ["beforeunload"]
    assert stored(draft, "ankle_dorsiflexion") is None
    console.expect("503")


def test_C06_a_conflict_left_open_goes_on_being_said_while_other_answers_are_saved(
    step: Page, draft: Exam, owner: User, console: Console
) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "4-")
    key(step, "ankle_dorsiflexion-left", "3").click()
    expect(label(step)).to_have_text("Not saved: choose which answer to keep")
    with step.expect_response(ANSWERS) as answer:
        key(step, "ankle_dorsiflexion-right", "5").click()
    assert answer.value.ok
    expect(label(step)).to_have_text("Not saved: choose which answer to keep")
    step.get_by_role("button", name="Keep mine: 3").click()
    expect(label(step)).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    console.expect("409")


@pytest.mark.parametrize("part", ["vendor/htmx/htmx.min", *PARTS])
def test_C05_a_page_of_which_a_script_did_not_arrive_is_a_plain_form_that_saves(
    page: Page, owner: User, draft: Exam, console: Console, part: str
) -> None:
    sign_in(page, owner)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/answers/" in request.url else None)
    page.route(re.compile(rf"/{part}(\.\w+)?\.js$"), lambda route: route.abort())
    page.goto(step_path(draft, "ankle-and-toes"))
    said = label(page).inner_text()
    key(page, "ankle_dorsiflexion-left", "4").click()
    page.wait_for_timeout(SETTLED)
    assert (sent, label(page).inner_text()) == ([], said)
    assert not said.startswith("Saved")
    if part != "js/label":
        assert reason(page).inner_text().startswith("A part of this page did not arrive")
        assert page.locator(".actions").evaluate(OVER_THE_REASON) == []
    page.locator("#save-and-continue").click()
    page.wait_for_url(lambda url: "/ankle-and-toes/" not in url)
    assert stored(draft, "ankle_dorsiflexion") == "4"
    console.expect("ERR_FAILED")


def test_the_parts_are_all_that_a_step_asks_for(page: Page, owner: User, draft: Exam) -> None:
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    asked = page.locator("script[src*='/js/']").evaluate_all(
        "all => all.map(one => new URL(one.src).pathname)"
    )
    names = [re.sub(r"^.*/(js/[a-z]+)\..*$", r"\1", path) for path in asked]
    assert names == [
        "js/focus",
        *PARTS,
    ]  # without the first one the focus goes back to nothing, no answer is lost
    assert PARTS[0] == "js/parts"
    assert PARTS[-1] == "js/save"
