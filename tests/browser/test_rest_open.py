"""Two acts on many rows in a real browser: the sound side by one key, and one reason for what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.steps import STEPS
from tests import factories
from tests.browser.keyboard import GO_ON, Keyboard
from tests.browser.test_fill_down import wait_until_all_is_sent
from tests.browser.test_step_ui import opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

SENSATION = next(step for step in STEPS if step.slug == "sensation")
MEASURED = next(step for step in STEPS if step.slug == "measured")


def drafted(owner: User, **answers: str) -> Exam:
    said = {place.replace("__", "."): token for place, token in answers.items()}
    return factories.exam(factories.desk(owner), protocol="full", affected_side="left", answers=said)


def stored(draft: Exam) -> dict[str, str]:
    rows = Observation.objects.filter(exam=draft)
    return {f"{row.finding}.{row.side}".rstrip("."): row.token or row.reason for row in rows}


def test_one_key_asks_and_a_second_fills_the_sound_side(page: Page, owner: User) -> None:
    draft = drafted(owner, sole__right="absent")
    opened(page, owner, draft, SENSATION.slug)
    hands = Keyboard(page)
    hands.press("Enter", *"1" * len(SENSATION.finding_ids))
    assert hands.place() == "medial_leg.right"
    hands.press("f")
    expect(page.locator("#fill-question")).to_contain_text(
        "Did you test all 7 areas on the patient’s RIGHT, and was each normal?"
    )
    hands.press("Enter")
    expect(page.locator("#fill-said")).to_have_text("Normal filled in for 6 rows on the patient’s RIGHT.")
    assert hands.place() == GO_ON
    wait_until_all_is_sent(page)
    everything = {f"{finding}.{side}": "normal" for finding, side in SENSATION.places}
    assert stored(draft) == everything | {"sole.right": "absent"}


def test_no_goes_back_to_the_row_and_fills_nothing(page: Page, owner: User) -> None:
    draft = drafted(owner)
    opened(page, owner, draft, SENSATION.slug)
    hands = Keyboard(page)
    hands.press("Enter", "f", "Tab", "Enter")
    expect(page.locator("#fill-question")).to_be_hidden()
    assert hands.place() == "medial_leg.left"
    assert stored(draft) == {}


def test_one_reason_marks_what_is_open_and_nothing_becomes_normal(page: Page, owner: User) -> None:
    draft = drafted(owner, dorsiflexion_range_deg__left="-5")
    before = AuditEvent.objects.filter(act="answer.saved").count()
    opened(page, owner, draft, MEASURED.slug)
    hands = Keyboard(page)
    hands.press("Enter", *"96", "Enter", "m", "Enter")
    expect(page.locator("#rest-missing")).to_be_visible()
    hands.press(*"no e", "Enter")
    expect(page.locator("#rest-said")).to_have_text("4 rows marked as not tested: No equipment.")
    assert hands.place() == GO_ON
    wait_until_all_is_sent(page)
    everything = {f"{finding}.{side}": "equipment" for finding, side in MEASURED.places}
    given = {"dorsiflexion_range_deg.left": "-5", "hip_abduction_force_n.left": "96"}
    assert stored(draft) == everything | given
    assert AuditEvent.objects.filter(act="answer.saved").count() == before + 5


def test_undo_takes_back_what_was_marked_and_nothing_else(page: Page, owner: User) -> None:
    draft = drafted(owner, dorsiflexion_range_deg__left="-5")
    opened(page, owner, draft, MEASURED.slug)
    page.locator("#rest-ask").click()
    page.locator("#rest-reason").select_option(label="Pain")
    page.locator("#rest-yes").click()
    page.locator("#rest-undo").click()
    expect(page.locator("#rest-ask")).to_be_focused()
    expect(page.locator("#rest-done")).to_be_hidden()
    wait_until_all_is_sent(page)
    assert stored(draft) == {"dorsiflexion_range_deg.left": "-5"}


def test_without_javascript_it_is_part_of_the_plain_form(page_no_js: Page, owner: User) -> None:
    draft = drafted(owner)
    opened(page_no_js, owner, draft, MEASURED.slug)
    page_no_js.locator("#dorsiflexion_range_deg-left").fill("-5")
    page_no_js.locator("#rest-ask").click()
    page_no_js.locator("#rest-reason").select_option(label="No equipment")
    page_no_js.locator("#rest-yes").click()
    expect(page_no_js.get_by_text("What was open on this step is marked as not tested.")).to_be_visible()
    everything = {f"{finding}.{side}": "equipment" for finding, side in MEASURED.places}
    assert stored(draft) == everything | {"dorsiflexion_range_deg.left": "-5"}
