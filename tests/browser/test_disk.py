"""A disk that takes nothing any more: said on the page, and what waited is saved once it takes again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_started
from django.db import connection
from playwright.sync_api import expect

from clinics.models import AuditEvent
from exams.models import Exam
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_saving import key, label, stored
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console


@pytest.fixture
def disk() -> Iterator[Callable[[str], None]]:
    """Make the server's database "read-only" or "writable" from its next request on, in whichever thread."""
    state = {"query_only": "OFF"}

    def prepare(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA query_only = {state['query_only']}")

    def change(to: str) -> None:
        state["query_only"] = "ON" if to == "read-only" else "OFF"

    request_started.connect(prepare)
    yield change
    request_started.disconnect(prepare)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner))


def test_a_read_only_disk_is_said_and_the_answers_are_saved_when_it_writes_again(
    page: Page, owner: User, draft: Exam, disk: Callable[[str], None], console: Console
) -> None:
    page.clock.install()
    sign_in(page, owner)
    page.goto(step_path(draft, "ankle-and-toes"))
    disk("read-only")
    key(page, "ankle_dorsiflexion-left", "2").click()
    key(page, "ankle_dorsiflexion-right", "5").click()
    page.clock.run_for(700)
    expect(label(page)).to_contain_text("Not saved. Retrying…")
    for wait in (1000, 3000, 10000):
        with page.expect_response("**/answers/") as answer:
            page.clock.run_for(wait)
            while not answer.is_done():
                # The page may not yet have set its clock when the answer before was already seen here.
                page.clock.run_for(250)
        assert answer.value.status == 503
    expect(label(page)).to_contain_text("Not saved: 2 answers kept on this page")
    assert stored(draft, "ankle_dorsiflexion") is None
    disk("writable")
    page.get_by_role("button", name="Try now").click()
    expect(label(page)).to_have_text(re.compile(r"Saved \d\d:\d\d"))
    assert stored(draft, "ankle_dorsiflexion") == "2"
    assert stored(draft, "ankle_dorsiflexion", "right") == "5"
    assert AuditEvent.objects.filter(act="answer.saved").count() == 2
    console.expect("503")


def test_a_read_only_disk_without_javascript_keeps_the_step_to_be_sent_again(
    page_no_js: Page, owner: User, draft: Exam, disk: Callable[[str], None], console: Console
) -> None:
    plain = Walker(page_no_js, scripted=False)
    sign_in(page_no_js, owner)
    page_no_js.goto(step_path(draft, "ankle-and-toes"))
    plain.answer("ankle_dorsiflexion", "left", "2")
    disk("read-only")
    plain.go_on()
    expect(plain.heading("The record is out of reach")).to_be_visible()
    expect(page_no_js.get_by_text("Ankle dorsiflexion left", exact=True)).to_be_visible()
    plain.press("Send them again")
    expect(plain.heading("The record is out of reach")).to_be_visible()
    disk("writable")
    plain.press("Send them again")
    expect(plain.heading("My impression")).to_be_visible()
    assert stored(draft, "ankle_dorsiflexion") == "2"
    console.expect("503")
