"""The states that a step passes through: each keeps the accessibility rules, 44 px, and holds the focus."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from exams.models import Exam
from exams.steps import STEPS
from tests import factories
from tests.browser.accessible import LOOKS, broken_rules, narrow
from tests.browser.screens import sign_in, step_path
from tests.browser.test_fill_down import wait_until_all_is_sent
from tests.browser.test_live import LIVE, behind
from tests.browser.test_saving import ANSWERS, SAVED, key, label
from tests.worlds import CANARIES, place

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console

SLUG = "ankle-and-toes"
STEP = next(step for step in STEPS if step.slug == SLUG)
Found = dict[str, list[str]]
# Nothing has the focus, or what has it cannot be seen.
LOST = "document.activeElement === document.body || !document.activeElement.checkVisibility()"


@dataclass
class Tour:
    """One page on its way through its states, and what is wrong with it in each."""

    page: Page
    exam: Exam
    examiner: User
    looks: tuple[str, ...]
    found: Found = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def go(self, slug: str = SLUG) -> None:
        """Open a step anew."""
        self.page.goto(step_path(self.exam, slug))

    def stands(self, state: str) -> None:
        """Look at the page as it stands now, and that somebody at the keyboard has not lost the place."""
        problems = self.lost_focus()
        problems += [problem for look in self.looks for problem in broken_rules(self.page, look)]
        problems += narrow(self.page)
        self.page.set_viewport_size({"width": 1366, "height": 768})
        self.keep(state, problems)

    def is_over(self, state: str) -> None:
        """The page looks as it did before: only the focus is looked at, all of it on the thorough tour."""
        if len(self.looks) > 1:
            self.stands(state)
        else:
            self.keep(state, self.lost_focus())

    def lost_focus(self) -> list[str]:
        """Return what is wrong with where the focus is."""
        return ["the focus is lost"] if self.page.evaluate(LOST) else []

    def keep(self, state: str, problems: list[str]) -> None:
        """Note that this state was seen, and what is wrong in it."""
        self.seen.append(state)
        if problems:
            self.found[state] = problems

    def answer(self, group: str, grade: str) -> None:
        """Give one answer by its key."""
        key(self.page, group, grade).click()


def empty_and_filled(tour: Tour) -> None:
    """Nothing recorded; then every answer of the step recorded, on both legs."""
    tour.go()
    tour.is_over("empty")
    desk = factories.desk(tour.examiner)
    for finding in STEP.graded:
        for side, grade in (("left", "3"), ("right", "5")):
            factories.answer(desk, tour.exam, f"{finding.id}.{side}", grade)
    tour.go()
    tour.stands("filled")


def opened_details(tour: Tour) -> None:
    """Everything that folds out is folded out: how to test, why not tested, limited by, the technique."""
    desk = factories.desk(tour.examiner)
    factories.answer(desk, tour.exam, "toe_flexion.left", "", not_tested=True, reason="pain")
    factories.answer(desk, tour.exam, "ankle_eversion.left", "3", confounder="pain", count_as="weak")
    tour.go()
    tour.answer("ankle_inversion-left", "3")
    expect(label(tour.page)).to_have_text(SAVED)
    tour.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for part in ("how-to", "why-not", "limited", "guard-question"):
        css = ".howto" if part == "how-to" else f".{part}"
        expect(tour.page.locator(css).locator("visible=true").first).to_be_visible()
    tour.stands("details opened")


def refused(tour: Tour) -> None:
    """The step comes back with a summary of what is wrong."""
    tour.go("measured")
    tour.page.fill("#hip_abduction_force_n-left", "strong")
    tour.page.get_by_role("button", name="Save and continue").last.click()
    expect(tour.page.locator(".errsum")).to_be_focused()
    tour.stands("error")


def in_conflict(tour: Tour) -> None:
    """Somebody else changed an answer meanwhile; then one of the two is chosen."""
    tour.go()
    factories.answer(factories.desk(tour.examiner), tour.exam, "ankle_dorsiflexion.left", "4-")
    tour.answer("ankle_dorsiflexion-left", "2")
    expect(tour.page.locator(".conflict")).to_be_visible()
    tour.stands("conflict")
    tour.page.get_by_role("button", name="Keep mine: 2").click()
    expect(label(tour.page)).to_have_text(SAVED)
    tour.is_over("conflict settled")


def offline(tour: Tour) -> None:
    """The network is away and an answer waits on the page."""
    tour.go()
    tour.page.context.set_offline(True)
    tour.answer("ankle_inversion-right", "4")
    expect(label(tour.page)).to_have_text(re.compile("^Offline. 1 answer kept on this page"))
    tour.stands("offline")
    tour.page.context.set_offline(False)
    expect(label(tour.page)).to_have_text(SAVED)
    tour.is_over("online again")


def not_saved(tour: Tour) -> None:
    """The server cannot write."""
    tour.go()
    tour.page.route(ANSWERS, lambda route: route.fulfill(status=503, body=""))
    tour.answer("ankle_eversion-right", "4")
    expect(label(tour.page)).to_contain_text("Not saved. Retrying…")
    tour.stands("not saved")
    tour.page.unroute(ANSWERS)
    tour.page.get_by_role("button", name="Try now").click()
    expect(label(tour.page)).to_have_text(SAVED)
    tour.is_over("saved after all")


def panel_behind(tour: Tour) -> None:
    """An answer is saved, but what follows from it cannot be had."""
    tour.go()
    tour.page.route(LIVE, lambda route: route.fulfill(status=503, body=""))
    tour.answer("toe_extension-left", "4")
    expect(behind(tour.page)).to_be_visible()
    tour.stands("panel not up to date")
    tour.page.unroute(LIVE)
    tour.answer("toe_extension-right", "4")
    expect(behind(tour.page)).to_be_hidden()
    tour.is_over("panel up to date again")


def mark_rest(page: Page) -> None:
    """Say why the rest of the step is not tested."""
    page.locator("#rest-reason").select_option(label="Pain")
    page.locator("#rest-yes").click()
    expect(page.locator("#rest-undo")).to_be_visible()


def undo_shown(tour: Tour) -> None:
    """Two acts on many rows, each with its undo."""
    tour.go("sensation")
    page = tour.page
    page.get_by_role("button", name="RIGHT side all").click()
    expect(page.locator("#fill-question")).to_be_visible()
    tour.stands("fill down asked")
    page.locator("#fill-yes").click()
    expect(page.locator("#fill-undo")).to_be_visible()
    wait_until_all_is_sent(page)
    tour.is_over("fill down done")
    tour.go("measured")
    page.locator("#rest-ask").click()
    page.locator("#rest-yes").click()
    expect(page.locator("#rest-missing")).to_be_visible()
    tour.stands("no reason chosen")
    mark_rest(page)
    wait_until_all_is_sent(page)
    tour.stands("rest marked")
    page.locator("#rest-undo").click()
    wait_until_all_is_sent(page)
    tour.is_over("undone")


def signed_out(tour: Tour) -> None:
    """The session ended: the dialog to sign in again lies over the page."""
    tour.go()
    Session.objects.all().delete()
    tour.answer("ankle_dorsiflexion-right", "4")
    asked = tour.page.get_by_role("dialog", name="Sign in to go on")
    expect(asked).to_be_visible()
    tour.stands("signed out")
    asked.get_by_label("Password").fill(factories.PASSWORD)
    asked.get_by_role("button", name="Sign in").press("Enter")
    expect(label(tour.page)).to_have_text(SAVED)
    tour.is_over("signed in again")


STATES: tuple[Callable[[Tour], None], ...] = (
    empty_and_filled,
    opened_details,
    refused,
    in_conflict,
    offline,
    not_saved,
    panel_behind,
    undo_shown,
    signed_out,
)
COMPLAINTS = ("422", "409", "503", "401")


def toured(page: Page, owner: User, looks: tuple[str, ...]) -> Tour:
    """Take one draft through every state of its steps."""
    exam = factories.exam(factories.desk(owner), protocol="full", affected_side="left")
    sign_in(page, owner)
    tour = Tour(page, exam, owner, looks)
    for state in STATES:
        state(tour)
    return tour


def test_X09_X10_X13_every_state_of_a_step_keeps_the_rules_and_holds_the_focus(
    page: Page, owner: User, console: Console
) -> None:
    tour = toured(page, owner, ("laptop",))
    assert tour.found == {}
    assert len(tour.seen) == len(set(tour.seen)) == 19
    for complaint in COMPLAINTS:
        console.expect(complaint)


@pytest.mark.long
def test_X13_every_state_of_a_step_keeps_the_rules_in_every_look(
    page: Page, owner: User, console: Console
) -> None:
    tour = toured(page, owner, tuple(LOOKS))
    assert tour.found == {}
    for complaint in COMPLAINTS:
        console.expect(complaint)


def test_X13_a_signed_exam_is_locked_and_its_report_keeps_the_rules(page: Page, console: Console) -> None:
    here = place(CANARIES[0])
    exam, examiner = here.exams["submitted"], here.people["examiner"]
    sign_in(page, examiner)
    page.goto(step_path(exam, SLUG))
    console.expect("409")
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be done now")
    assert page.locator("fieldset, input[type=radio]").count() == 0
    assert broken_rules(page, "laptop") + narrow(page) == []
    page.goto(reverse("exams:report", args=[exam.pk]))
    assert broken_rules(page, "laptop") + narrow(page) == []
