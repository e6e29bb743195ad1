"""The browser of the tests: it is real, it obeys, and it hears every complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console

SCRIPTED = "<title>before</title><script>document.title = 'after'</script>"


@pytest.fixture
def blank(page: Page) -> Page:
    """A page of the site's own server on which nothing forbids scripts, for tests that bring their own."""
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto("/blank")
    return page


def test_a_page_of_the_running_site_opens(page: Page) -> None:
    answer = page.goto("/healthz")
    assert answer is not None
    assert answer.status == 200
    assert page.inner_text("body") == "ok"


def test_scripts_run_in_a_page_and_not_in_a_page_without_them(blank: Page, page_no_js: Page) -> None:
    blank.set_content(SCRIPTED)
    page_no_js.set_content(SCRIPTED)
    assert blank.title() == "after"
    assert page_no_js.title() == "before"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('a broken button')", "a broken button"),
        ("console.warn('a worn button')", "a worn button"),
        ("setTimeout(() => { throw new Error('nobody caught it') })", "nobody caught it"),
        (
            "fetch('http://other.invalid/').catch(() => null)",
            "request to another server: http://other.invalid/",
        ),
    ],
    ids=["error", "warning", "exception", "other server"],
)
def test_each_complaint_is_heard(blank: Page, console: Console, script: str, complaint: str) -> None:
    blank.evaluate(f"() => {{ {script} }}")
    blank.wait_for_timeout(200)
    console.expect(complaint)
    console.errors = [error for error in console.errors if "net::ERR" not in error]
    assert console.errors == []


def test_an_expected_complaint_must_come(console: Console) -> None:
    with pytest.raises(AssertionError, match="no browser complaint"):
        console.expect("422")
