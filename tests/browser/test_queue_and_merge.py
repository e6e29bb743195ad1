"""Queue, merge and trials in a real browser: with and without JavaScript, measured on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from exams.models import Observation, Patient, RedFlagAction
from exams.steps import step_asking
from tests import factories
from tests.browser.accessible import axe
from tests.browser.screens import MEASURES, SIZES, sign_in, step_path

if TYPE_CHECKING:
    from playwright.sync_api import Page


def on_a_phone(page: Page) -> None:
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})


def test_a_supervisor_is_told_of_a_flag_and_meets_it_without_javascript(
    page_no_js: Page, owner: User, supervisor: User
) -> None:
    page = page_no_js
    exam = factories.exam(factories.desk(owner), answers={"bladder_bowel": "yes"})
    Observation.objects.filter(exam=exam).update(recorded=timezone.now() - timedelta(hours=2))
    on_a_phone(page)
    sign_in(page, supervisor)
    page.goto(reverse("exams:patients"))
    page.get_by_role("region", name="Told to supervisors").get_by_role("link", name="See which").click()
    page.get_by_role("link", name="Record who was told").click()
    page.get_by_label("On-call specialist").check()
    page.get_by_label("What was agreed?").fill("MRI tonight")
    page.get_by_role("button", name="Record who was told").click()
    expect(page.get_by_text("Recorded. The red flag stays in the exam")).to_be_visible()
    expect(page.get_by_role("region", name="Told to supervisors")).to_have_count(0)
    assert RedFlagAction.objects.get(exam=exam).by == supervisor


def test_two_records_are_compared_and_merged_without_javascript(
    page_no_js: Page, owner: User, supervisor: User
) -> None:
    page, desk = page_no_js, factories.desk(owner)
    stays, goes = factories.patient(desk, number="FD-1"), factories.patient(desk, number="FD-2")
    on_a_phone(page)
    sign_in(page, supervisor)
    page.goto(reverse("exams:patient", args=[stays.pk]))
    page.get_by_role("link", name="Merge a duplicate").click()
    page.get_by_role("button", name="Compare with Lindqvist, Astrid, FD-2").click()
    page.get_by_label("I compared both records: they are of one person").check()
    page.get_by_label("Why").fill("Entered twice.")
    page.get_by_role("button", name="Merge FD-2 into FD-1").click()
    expect(page.get_by_text("Every exam of the other record is listed here")).to_be_visible()
    assert "Lindqvist" not in page.url
    assert Patient.objects.get(pk=goes.pk).merged_into == stays


def test_the_pages_of_flags_queue_and_merge_hold_their_measures(
    page: Page, owner: User, supervisor: User
) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk, answers={"bladder_bowel": "yes"})
    Observation.objects.filter(exam=exam).update(recorded=timezone.now() - timedelta(hours=2))
    factories.patient(desk, number="FD-2")
    on_a_phone(page)
    sign_in(page, supervisor)
    for address in (
        reverse("exams:reviews"),
        reverse("exams:review_flags", args=[exam.pk]),
        reverse("exams:patient_merge", args=[exam.patient_id]),
    ):
        page.goto(address)
        assert page.evaluate(MEASURES) == [], address
        assert axe(page) == [], address
    page.get_by_role("button", name="Compare with").first.click()
    expect(page.get_by_role("heading", name="Both records, side by side")).to_be_visible()
    assert page.evaluate(MEASURES) == []
    assert axe(page) == []


def test_three_trials_are_saved_by_themselves_and_shown_as_typed(page: Page, owner: User) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full")
    sign_in(page, owner)
    page.goto(step_path(exam, step_asking("dorsiflexion_force_n").slug))
    box = page.get_by_role("textbox", name="Dorsiflexion force, patient's LEFT")
    box.fill("112 118 109")
    with page.expect_response("**/answers/"):
        page.locator("h1").click()
    page.reload()
    expect(box).to_have_value("112 118 109")
    row = Observation.objects.get(exam=exam)
    assert (row.token, row.trials) == ("118", "best 112 118 109")
