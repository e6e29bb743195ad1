"""The shortest protocol in a real browser: from the first question to the check page, and by Go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from exams.models import Exam, Observation
from exams.sheet import sheet_of
from exams.steps import STEPS, asked_findings, sides_of
from localization import CATALOGUE, SITES, red_flag_questions
from localization.simulation import patients
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

TITLES = {step.title: step.slug for step in STEPS}


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="shortest")


def values() -> dict[tuple[str, str], str]:
    """Return what a patient drawn from the model shows, whatever is tested."""
    (patient,) = patients(1, 5, setting="physiotherapy_clinic")
    every = patient.only([*CATALOGUE.findings])
    legs = (("", every.unsided), ("left", every.left), ("right", every.right))
    return {
        (name, side): f"{value:g}" if isinstance(value, float) else str(value)
        for side, told in legs
        for name, value in told.items()
        if name in asked_findings()
    }


def test_the_shortest_exam_leads_from_test_to_test_to_its_end(page: Page, owner: User, draft: Exam) -> None:
    walker, found = Walker(page, scripted=True), values()
    sign_in(page, owner)
    page.goto(reverse("exams:exam", args=[draft.pk]))
    for _ in STEPS:
        title = page.get_by_role("heading", level=1).inner_text()
        if title == "My impression":
            break
        draft.refresh_from_db()
        sheet = sheet_of(draft)
        step = next(step for step in sheet.steps if step.slug == TITLES[title])
        for finding, side in step.places:
            if (finding, side) not in sheet.stored:
                walker.give(finding, side, found.get((finding, side)))
        with page.expect_navigation():
            walker.go_on()
    expect(walker.main().get_by_text("Write your own impression.", exact=False).first).to_be_visible()
    draft.refresh_from_db()
    assert draft.opened
    assert not sheet_of(draft).open_places
    walker.give_impression(SITES["root_L5"].label, "As the tests say.")
    expect(walker.main().get_by_text("Nothing is open.")).to_be_visible()
    expect(walker.main().get_by_role("button", name="Widen to the full exam")).to_be_visible()


def test_go_opens_a_test_beyond_the_plan_without_javascript_too(page_no_js: Page, owner: User) -> None:
    asked = {"gait_pattern": "steppage", "heel_walk.left": "unable", "trendelenburg_sign.left": "negative"}
    graded = {"ankle_dorsiflexion.left": "2", "hip_abduction.left": "5"}
    draft = factories.exam(factories.desk(owner), answers=asked | graded)
    for question in red_flag_questions():
        for side in sides_of(CATALOGUE[question]):
            place = f"{question}.{side}" if side else question
            factories.answer(factories.desk(owner), draft, place, "", not_tested=True, reason="not_done")
    sign_in(page_no_js, owner)
    page_no_js.goto(step_path(draft, "ankle-and-toes"))
    go = page_no_js.locator("#live-go")
    expect(go).to_have_role("button")
    named = go.inner_text().partition("and open ")[2].strip()
    finding = next(name for name in asked_findings() if CATALOGUE[name].label == named)
    go.click()
    expect(page_no_js).to_have_url(re.compile(f"#{finding}"))
    expect(page_no_js.locator(f"#row-{finding}")).to_be_visible()
    draft.refresh_from_db()
    assert draft.opened == [finding]
    assert not Observation.objects.filter(exam=draft, finding=finding).exists()
