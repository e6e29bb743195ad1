"""Gives tests a page in a real Chromium, with and without JavaScript; any console error is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.chromium import FLAGS, find_or_fetch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request
    from pytest_django.live_server_helper import LiveServer

TIMEOUT_MS = 15_000
PICTURES = Path(__file__).resolve().parent.parent.parent / "test-results"
FAILED = pytest.StashKey[bool]()


@dataclass
class Console:
    """What the browser complained of: console errors, uncaught exceptions, requests to other servers."""

    errors: list[str] = field(default_factory=list)

    def expect(self, fragment: str) -> None:
        """Take back the complaints that hold `fragment`; fails when there was none."""
        expected = [error for error in self.errors if fragment in error]
        assert expected, f"no browser complaint with {fragment!r}; there were {self.errors}"
        self.errors = [error for error in self.errors if error not in expected]

    def watch(self, page: Page, home: str) -> None:
        """Collect from a page; `home` is the only server it may ask."""

        def on_message(message: ConsoleMessage) -> None:
            # The browser asks for it by itself beside a bare text or PDF, which cannot name an icon.
            if message.location.get("url", "").endswith("/favicon.ico"):
                return
            if message.type in {"error", "warning"}:
                self.errors.append(f"{message.type}: {message.text}")

        def on_request(request: Request) -> None:
            if not request.url.startswith((home, "data:", "blob:", "about:")):
                self.errors.append(f"request to another server: {request.url}")

        page.on("console", on_message)
        page.on("request", on_request)
        page.on("pageerror", lambda error: self.errors.append(f"exception: {error}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this run, found or fetched; a run without one fails."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - slow to import, for pages only

    # An assertion waits as long as a click does: a signature with its print takes seconds on a busy machine.
    expect.set_options(timeout=TIMEOUT_MS)
    # Playwright's synchronous interface keeps an event loop, in which Django would refuse its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    found = find_or_fetch()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found.program, args=list(FLAGS), env=dict(found.environment)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def console() -> Iterator[Console]:
    """The complaints of this test's pages; any that the test did not expect fails it."""
    console = Console()
    yield console
    assert console.errors == []


@contextmanager
def _open_page(
    request: pytest.FixtureRequest, browser: Browser, home: str, console: Console, *, javascript: bool
) -> Generator[Page]:
    context = browser.new_context(
        base_url=home,
        viewport={"width": 1366, "height": 768},
        java_script_enabled=javascript,
        locale="en-GB",
        accept_downloads=True,
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    console.watch(page, home)
    try:
        yield page
        if request.node.stash.get(FAILED, False):
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    finally:
        context.close()


@pytest.fixture
def page(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, console: Console
) -> Iterator[Page]:
    """A laptop-sized page of the running site; paths are relative to it: `page.goto("/")`."""
    with _open_page(request, browser, live_server.url, console, javascript=True) as page:
        yield page


@pytest.fixture
def page_no_js(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, console: Console
) -> Iterator[Page]:
    """The same page with JavaScript switched off."""
    with _open_page(request, browser, live_server.url, console, javascript=False) as page:
        yield page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failed test, so that its page can leave a picture."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark browser tests; they run on SQLite only, since what they prove does not depend on the database."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    if os.environ.get("FOOTDROP_TEST_DATABASE") == "postgresql" and not config.getoption("--every-test"):
        dropped = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in set(dropped)]
