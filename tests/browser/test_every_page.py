"""Every address that shows a page, in the role that sees most of it: accessible, 44 px, nothing sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from exams.sheet import sheet_of
from tests.browser.accessible import LOOKS, broken_rules, narrow
from tests.browser.screens import sign_in
from tests.web.routes import ROLES, Route, routes
from tests.worlds import CANARIES, Place, place

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console

# The role that sees the most of an address goes there; the first of all has not signed in.
VISITOR = "visitor"
WHO = (VISITOR, "examiner", "supervisor", "auditor", "clinic_admin")
# These show no page of their own: they take a form, send everybody on, or answer in another format.
NO_PAGE = {
    "account_logout",
    "clinics:healthz",
    "clinics:seat",
    "clinics:session",
    "clinics:sign_in_again",
    "exams:answer",
    "exams:exam",
    "exams:live",
    "exams:logo",
    "exams:mark_rest",
    "exams:open",
    "exams:red_flag",
    "exams:report_pdf",
    "exams:review_caution",
    "exams:review_decide",
    "exams:review_return",
    "exams:settings_logo",
    "exams:sign",
    "exams:widen",
}
# These show a page that says what is wrong, when the form comes empty.
REFUSING = {
    "account_change_password",
    "account_login",
    "account_reset_password",
    "clinics:people",
    "exams:details",
    "exams:exam_new",
    "exams:impression",
    "exams:patient_edit",
    "exams:patient_new",
    "exams:patients",
    "exams:questions",
    "exams:record",
    "exams:red_flag",
    "exams:review_caution",
    "exams:review_decide",
    "exams:review_look",
    "exams:review_return",
    "exams:settings",
    "exams:settings_logo",
    "exams:sign",
}
SEND_EMPTY = """path => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").cloneNode();
  const form = Object.assign(document.createElement("form"), {method: "post", action: path});
  form.append(token);
  document.body.append(form);
  form.submit();
}"""
Check = Callable[["Page"], list[str]]


def role_for(route: Route) -> str:
    """Return who goes there."""
    return VISITOR if route.opens == "anyone" else next(one for one in WHO if one in ROLES[route.opens])


def more_pages(here: Place) -> Iterator[tuple[str, str, str]]:
    """Yield role, name and path of what one address shows besides: steps, states of an exam, other homes."""
    for step in sheet_of(here.exams["draft"]).steps:
        if step.findings:
            yield "examiner", step.slug, reverse("exams:step", args=[here.exams["draft"].pk, step.slug])
    for state in ("submitted", "returned"):
        yield "examiner", f"report {state}", reverse("exams:report", args=[here.exams[state].pk])
    yield "examiner", "check ready", reverse("exams:check", args=[here.exams["ready"].pk])
    for role in ("supervisor", "auditor"):
        yield role, f"home of {role}", reverse("exams:home")


def come_in(page: Page, here: Place, role: str) -> None:
    """Open the browser anew in this role."""
    page.context.clear_cookies()
    if role != VISITOR:
        sign_in(page, here.people[role])


def visit(page: Page, here: Place, check: Check) -> tuple[set[str], dict[str, list[str]]]:
    """Open every page of the site; return the names of those shown and what is wrong with each."""
    stops = [(role_for(one), one.name, one.own(here)) for one in routes() if one.name not in NO_PAGE]
    stops += more_pages(here)
    seen, found = set(), {}
    for role in WHO:
        come_in(page, here, role)
        for _, name, path in (stop for stop in stops if stop[0] == role):
            answer = page.goto(path)
            assert answer is not None
            assert (answer.status, page.url.endswith(path)) == (200, True), name
            seen.add(name)
            if problems := check(page):
                found[name] = problems
    return seen, found


def send_empty(page: Page, here: Place, check: Check) -> tuple[set[str], dict[str, list[str]]]:
    """Send every form empty; return the names of the pages that say so and what is wrong with each."""
    seen, found = set(), {}
    for role in WHO:
        come_in(page, here, role)
        for route in (one for one in routes() if one.name in REFUSING and role_for(one) == role):
            page.goto(reverse("account_login" if role == VISITOR else "exams:home"))
            with page.expect_navigation() as turned:
                page.evaluate(SEND_EMPTY, route.own(here))
            assert turned.value.status in {200, 422}, route.name
            assert page.title().startswith("Error: "), route.name
            seen.add(route.name)
            if problems := check(page):
                found[route.name] = problems
    return seen, found


def short_look(page: Page) -> list[str]:
    """Look once with every rule, and at the measures of narrow screens."""
    return [*broken_rules(page, "laptop"), *narrow(page)]


def long_look(page: Page) -> list[str]:
    """Look in every look."""
    return [*(problem for look in LOOKS for problem in broken_rules(page, look)), *narrow(page)]


@pytest.fixture
def here() -> Place:
    """A clinic with an exam in every state, red flags and a caution."""
    return place(CANARIES[0])


def test_X13_every_page_of_the_site_keeps_the_rules(page: Page, here: Place) -> None:
    seen, found = visit(page, here, short_look)
    assert found == {}
    assert seen >= {one.name for one in routes()} - NO_PAGE
    assert len(seen) > 40


def test_X13_X08_every_form_that_comes_empty_says_so_on_a_page_that_keeps_the_rules(
    page: Page, here: Place, console: Console
) -> None:
    seen, found = send_empty(page, here, short_look)
    console.expect("422")
    assert found == {}
    assert seen == REFUSING


@pytest.mark.long
def test_X13_every_page_of_the_site_keeps_the_rules_in_every_look(page: Page, here: Place) -> None:
    assert visit(page, here, long_look)[1] == {}


@pytest.mark.long
def test_X13_every_page_after_an_empty_form_keeps_the_rules_in_every_look(
    page: Page, here: Place, console: Console
) -> None:
    found = send_empty(page, here, long_look)[1]
    console.expect("422")
    assert found == {}
