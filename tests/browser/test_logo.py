"""The clinic's logo, chosen, replaced and removed in a browser, and seen on the report signed under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.urls import reverse

from clinics.models import Clinic
from tests import factories
from tests.browser.screens import sign_in
from tests.pictures import picture
from tests.web.reviewed import submitted_exam

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

    from tests.plugins.browser import Console

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'
LOADED = "node => node.complete && node.naturalWidth > 0"


def choose(page: Page, content: bytes, button: str, name: str = "logo.png") -> None:
    """Choose a file as a person does, and send it."""
    file: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
    page.get_by_label("Picture of the logo").set_input_files(file)
    page.get_by_role("button", name=button).click()


def test_a_logo_is_chosen_replaced_refused_and_removed_and_stands_on_what_was_signed_under_it(
    page: Page, clinic: Clinic, owner: User, console: Console
) -> None:
    sign_in(page, factories.person(clinic, "clinic_admin", "Ada Admin"))
    page.goto(reverse("exams:settings"))
    assert page.get_by_text("Reports carry no logo.").is_visible()
    choose(page, picture(ink="navy"), "Use this logo")
    logo = page.locator(".logo-picture")
    first = logo.get_attribute("src")
    assert logo.evaluate(LOADED)
    exam = submitted_exam(owner)
    choose(page, picture(ink="maroon"), "Replace the logo")
    assert logo.get_attribute("src") != first
    choose(page, SVG, "Replace the logo", "logo.svg")
    assert page.title().startswith("Error: ")
    console.expect("422")
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    page.get_by_role("button", name="Remove the logo").click()
    assert page.get_by_text("Reports carry no logo.").is_visible()
    page.context.clear_cookies()
    sign_in(page, owner)
    page.goto(reverse("exams:report", args=[exam.pk]))
    assert page.locator(f'img[src="{first}"]').evaluate(LOADED)
