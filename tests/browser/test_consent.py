"""Consent and chaperone beside the saddle test in a real browser: large enough, and saved as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Observation
from exams.steps import step_asking
from tests import factories
from tests.browser.accessible import axe
from tests.browser.screens import MEASURES, SIZES, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("size", SIZES)
def test_consent_and_chaperone_are_asked_with_the_answer_and_saved_with_it(
    page: Page, owner: User, size: str
) -> None:
    page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    exam = factories.exam(factories.desk(owner), protocol="full")
    sign_in(page, owner)
    page.goto(step_path(exam, step_asking("saddle").slug))
    consent = page.get_by_role("checkbox", name="Consent asked and given")
    expect(consent).to_be_hidden()
    page.locator("#saddle-group .pick").first.click()
    consent.check()
    page.get_by_label("Chaperone").fill("M. Nilsson")
    with page.expect_response("**/answers/"):
        page.locator("h1").click()
    assert page.evaluate(MEASURES) == []
    assert axe(page) == []
    page.reload()
    expect(consent).to_be_checked()
    expect(page.get_by_label("Chaperone")).to_have_value("M. Nilsson")
    assert Observation.objects.get(exam=exam).note == "Consent asked and given.\nChaperone: M. Nilsson."
