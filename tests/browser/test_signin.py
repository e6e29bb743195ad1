"""On a shared computer: a person signs in, and leaves nothing in the browser when they sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

from tests import factories

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console

STRICT = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "timeout": 10000,
}
# Everything a page can keep beside the document; the cache of whole pages is out of a script's reach.
KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage},
  (await indexedDB.databases()).map(one => one.name), await caches.keys(),
  (await navigator.serviceWorker.getRegistrations()).length])"""


def sign_in(page: Page, user: User, password: str = factories.PASSWORD) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_person_signs_in_with_the_keyboard_and_lands_at_home(page: Page, owner: User) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("Email").focus()
    page.keyboard.type(owner.email)
    page.keyboard.press("Tab")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")
    assert page.get_by_text(owner.get_full_name()).first.is_visible()


def test_a_wrong_password_is_told_in_words_and_keeps_the_address(page: Page, owner: User) -> None:
    sign_in(page, owner, "wrong")
    assert page.title().startswith("Error: ")
    assert "is not right" in page.locator("#problem").inner_text()
    assert page.get_by_label("Email").input_value() == owner.email
    assert page.get_by_label("Password").input_value() == ""


def test_signing_in_works_without_javascript(page_no_js: Page, owner: User) -> None:
    sign_in(page_no_js, owner)
    page_no_js.wait_for_url("/")
    assert page_no_js.get_by_role("button", name="Sign out").first.is_visible()


def test_H03_htmx_runs_with_the_strict_settings(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.wait_for_url("/")
    config = page.evaluate("htmx.config")
    assert {name: config[name] for name in STRICT} == STRICT


@pytest.mark.usefixtures("transactional_db")
def test_A06_C10_after_signing_out_the_browser_holds_nothing_and_back_shows_nothing(
    page: Page, owner: User, console: Console
) -> None:
    patient = factories.patient(factories.desk(owner), family_name="Kakapobirdson")
    sign_in(page, owner)
    page.wait_for_url("/")
    page.goto(f"/patients/{patient.pk}/")
    assert page.get_by_text("Kakapobirdson").first.is_visible()
    # htmx notes the path of the page, which names nobody; nothing else is kept.
    noted = f'{{"htmx-current-path-for-history":"/patients/{patient.pk}/"}}'
    assert page.evaluate(KEPT) == f"[{{}},{noted},[],[],0]"
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("/accounts/sign-in/")
    assert str(patient.pk) not in page.evaluate(KEPT)
    page.go_back()
    assert "Kakapobirdson" not in page.content()
    page.goto(f"/patients/{patient.pk}/")
    assert "/accounts/sign-in/" in page.url
    assert "Kakapobirdson" not in page.content()
    assert console.errors == []
