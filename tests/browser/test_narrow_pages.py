"""Pages of people, reviews and patients on narrow screens: what is chosen, said or drawn can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from clinics.models import Clinic
from exams.models import Exam
from exams.services.flags import meet_flags
from tests import factories
from tests.browser.accessible import LOOKS, broken_rules
from tests.browser.screens import SIZES, sign_in
from tests.web.reported import fibular_exam, ready_to_sign
from tests.web.signed import sign

if TYPE_CHECKING:
    from playwright.sync_api import Page

# The longest role and a registration such as HCPC PH12345, in the page's letters, in CSS px.
READABLE = 150
WIDTHS = "all => all.map(one => one.getBoundingClientRect().width)"


def at_size(page: Page, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})


@pytest.mark.parametrize("size", SIZES)
def test_each_role_and_registration_of_the_clinics_people_can_be_read(
    page: Page, clinic: Clinic, owner: User, supervisor: User, size: str
) -> None:
    at_size(page, size)
    sign_in(page, factories.person(clinic, "clinic_admin", "Ada Admin"))
    page.goto(reverse("clinics:people"))
    for fields in ("select[name=role]", ".seat input[name=registration]"):
        widths = page.locator(fields).evaluate_all(WIDTHS)
        assert len(widths) == len([owner, supervisor])
        assert min(widths) >= READABLE, fields
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_red_flag_in_a_review_is_read_across_a_phone(page: Page, owner: User, supervisor: User) -> None:
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk, bladder_bowel="yes"))
    action = "Spoke to the neurosurgical registrar at once; the patient was sent with this report."
    meet_flags(desk=desk, exam=exam, flags=["cauda_equina"], told="on_call_team", action=action, key=uuid4())
    sign(owner, exam)
    at_size(page, "phone")
    sign_in(page, supervisor)
    page.goto(reverse("exams:review_look", args=[exam.pk]))
    words = page.locator(".rf-line.on .grow").first.bounding_box()
    assert words is not None
    assert words["width"] >= 0.65 * SIZES["phone"][0]
    page.locator(".rf-line.on summary").first.click()
    assert page.locator(".rf-line.on p").first.is_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_X13_the_course_over_the_visits_keeps_the_rules_with_its_table_open(
    page: Page, owner: User, look: str
) -> None:
    at = factories.desk(owner)
    patient = factories.patient(at)
    for grade in ("4", "2"):
        answers = {"ankle_dorsiflexion.left": grade, "ankle_dorsiflexion.right": "5", "walk_10m_s": "9.5"}
        exam = factories.exam(at, patient, protocol="full", answers=answers)
        Exam.objects.filter(pk=exam.pk).update(state=Exam.State.SUBMITTED)
    sign_in(page, owner)
    page.goto(reverse("exams:patient", args=[patient.pk]))
    assert page.locator(".trend .chart").count() == 2
    page.get_by_text("Show as table").click()
    assert page.locator(".trend-table td").first.is_visible()
    assert broken_rules(page, look) == []
