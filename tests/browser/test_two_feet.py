"""An exam of two dropping feet in a real browser, from its start to the signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from exams.models import Exam
from exams.services.localizing import findings_of
from exams.steps import core_findings, steps_for
from localization import SITES
from tests import factories
from tests.browser.screens import sign_in
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

NO_LEG = "Neither leg is normal: no leg to compare with."
FOUND = {("ankle_dorsiflexion", "left"): "2", ("ankle_dorsiflexion", "right"): "2"}


def test_K05_two_feet_are_examined_and_signed_with_the_worse_one_named(page: Page, owner: User) -> None:
    patient = factories.patient(factories.desk(owner))
    walker = Walker(page, scripted=True)
    sign_in(page, owner)
    page.goto(reverse("exams:exam_new", args=[patient.pk]))
    one_side_is_as_short_as_before(page)
    page.goto(reverse("exams:patient", args=[patient.pk]))
    walker.start_exam(protocol="core", side="bilateral", worse="Patient's RIGHT")

    tag = page.get_by_role("link", name="Correct the affected side")
    for step in steps_for("core"):
        if step.finding_ids:
            expect(page.get_by_text(NO_LEG)).to_be_visible()
            expect(tag).to_have_text(re.compile("BOTH, patient’s RIGHT worse"))
            expect(page.locator("#fill-ask")).to_have_count(0)
            walker.fill_step(step, FOUND, core_findings())
            walker.go_on()
    walker.give_impression(SITES["common_fibular"].label, "Both feet, the right one first.")

    tag.click()
    expect(page.get_by_text("Recorded answers never move")).to_be_visible()
    worse = page.get_by_role("group", name="Which foot drops more?")
    expect(worse.get_by_role("radio", name="Patient's RIGHT")).to_be_checked()
    page.goto(reverse("exams:check", args=[Exam.objects.get().pk]))
    walker.sign("bilateral")

    expect(page.get_by_text("The patient's RIGHT foot drops more.")).to_be_visible()
    expect(page.get_by_text(NO_LEG)).to_be_visible()
    exam = Exam.objects.get()
    assert (exam.state, exam.worse_side, exam.comparison_side) == ("submitted", "right", "none")
    assert findings_of(exam).index == "right"


def one_side_is_as_short_as_before(page: Page) -> None:
    """With one side chosen nothing about two feet is asked, and a choice in it stays in view."""
    question = page.get_by_role("heading", name="If both feet drop")
    tick = page.get_by_role("checkbox", name=re.compile("^The other leg"))
    expect(question).to_be_hidden()
    expect(tick).to_be_hidden()
    side = page.get_by_role("group", name="Affected side")
    side.get_by_role("radio", name="Patient's LEFT").check()
    expect(question).to_be_hidden()
    expect(tick).to_be_visible()
    side.get_by_role("radio", name="Both sides").check()
    expect(question).to_be_visible()
    expect(tick).to_be_hidden()
    page.get_by_role("radio", name="Both alike").check()
    side.get_by_role("radio", name="Patient's LEFT").check()
    expect(question).to_be_visible()
