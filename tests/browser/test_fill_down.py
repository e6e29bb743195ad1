"""Filling the sound side with 5: asked first, only for empty rows, with undo, and never on both legs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam, Observation
from exams.steps import STEPS
from tests import factories
from tests.browser.test_step_ui import SAVED, opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

STEP = next(step for step in STEPS if step.slug == "ankle-and-toes")


def drafted(owner: User, affected_side: str = "left") -> Exam:
    return factories.exam(
        factories.desk(owner),
        protocol="full",
        affected_side=affected_side,
        answers={"ankle_inversion.right": "4"},
    )


def on_the_right(draft: Exam) -> dict[str, str]:
    rows = Observation.objects.filter(exam=draft, side="right")
    return dict(rows.values_list("finding", "token"))


def wait_until_all_is_sent(page: Page) -> None:
    """Wait until the panel is no longer dimmed: then no answer is settling or on its way."""
    expect(page.locator(".live")).not_to_have_class(re.compile("updating"), timeout=20_000)
    expect(page.locator("#save-state")).to_have_text(SAVED)


def test_five_is_filled_in_for_empty_rows_of_the_sound_side_after_a_question(page: Page, owner: User) -> None:
    draft = drafted(owner)
    opened(page, owner, draft, STEP.slug)
    page.get_by_role("button", name="RIGHT side all 5…").click()
    expect(page.locator("#fill-question")).to_contain_text(
        f"Did you test all {len(STEP.graded)} movements on the patient’s RIGHT, and was each full?"
    )
    assert on_the_right(draft) == {"ankle_inversion": "4"}
    page.get_by_role("button", name="Yes, fill in 5").click()
    expect(page.locator("#fill-said")).to_contain_text(f"{len(STEP.graded) - 1} rows on the patient’s RIGHT")
    wait_until_all_is_sent(page)
    filled = {finding.id: "5" for finding in STEP.graded} | {"ankle_inversion": "4"}
    assert on_the_right(draft) == filled
    assert not Observation.objects.filter(exam=draft, side="left").exists()


def test_undo_takes_back_what_was_filled_in_and_nothing_else(page: Page, owner: User) -> None:
    draft = drafted(owner)
    opened(page, owner, draft, STEP.slug)
    page.get_by_role("button", name="RIGHT side all 5…").click()
    page.get_by_role("button", name="Yes, fill in 5").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#fill-done")).to_be_hidden()
    expect(page.get_by_role("button", name="RIGHT side all 5…")).to_be_focused()
    wait_until_all_is_sent(page)
    assert on_the_right(draft) == {"ankle_inversion": "4"}


def test_undo_hurries_nobody_and_goes_with_the_next_answer(page: Page, owner: User) -> None:
    """WCAG 2.2.1: no time limit on an act that a slow hand or a screen reader has still to reach."""
    page.clock.install()
    opened(page, owner, drafted(owner), STEP.slug)
    page.get_by_role("button", name="RIGHT side all 5…").click()
    page.get_by_role("button", name="Yes, fill in 5").click()
    page.clock.run_for(120_000)
    wait_until_all_is_sent(page)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.locator("#ankle_eversion-right-group .pick").filter(has=page.locator("[value='4']")).click()
    expect(page.locator("#fill-done")).to_be_visible()
    page.locator("#ankle_eversion-left-group .pick").filter(has=page.locator("[value='3']")).click()
    expect(page.locator("#fill-done")).to_be_hidden()


def test_no_changes_nothing(page: Page, owner: User) -> None:
    draft = drafted(owner)
    opened(page, owner, draft, STEP.slug)
    page.get_by_role("button", name="RIGHT side all 5…").click()
    page.locator("#fill-no").click()
    expect(page.locator("#fill-question")).to_be_hidden()
    assert on_the_right(draft) == {"ankle_inversion": "4"}


def test_with_both_legs_affected_no_side_is_filled(page: Page, owner: User) -> None:
    draft = drafted(owner, affected_side="bilateral")
    opened(page, owner, draft, STEP.slug)
    expect(page.get_by_role("button", name=re.compile("side all 5"))).to_have_count(0)


def test_the_grades_are_explained_where_they_are_given(page: Page, owner: User) -> None:
    opened(page, owner, drafted(owner), STEP.slug)
    page.locator("#grades-explained").click()
    expect(page.locator(".grades-list")).to_contain_text("full range against gravity, no resistance")
