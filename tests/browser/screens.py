"""The screens that are measured, and how a test gets to them signed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.models import Exam
from tests import factories

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = {
    "laptop": (1366, 768),
    "tablet-landscape": (1024, 768),
    "tablet-portrait": (768, 1024),
    "phone": (390, 844),
}
MEASURES = (Path(__file__).parent / "measures.js").read_text(encoding="utf-8")
# A foot drop with a red flag, a limited grade's fields and a finding that was not tested.
ANSWERS: Mapping[str, str] = {
    "bladder_bowel": "yes",
    "gait_pattern": "steppage",
    "hip_abduction.left": "5",
    "hip_abduction.right": "5",
    "ankle_dorsiflexion.left": "2",
    "ankle_dorsiflexion.right": "5",
    "great_toe_extension.left": "3",
    "dorsum_foot.left": "reduced",
    "ankle_reflex.left": "normal",
    "dorsiflexion_range_deg.left": "-5",
}
# One step for each way of asking: yes or no, words, pictures, grades, areas, many words, numbers.
STEPS = ("red-flags", "onset-and-pain", "gait", "ankle-and-toes", "sensation", "reflexes", "measured")


def dense_draft(examiner: User) -> Exam:
    """Start a full exam with a red flag and an answer of every kind."""
    at = factories.desk(examiner)
    exam = factories.exam(at, protocol="full", answers=ANSWERS)
    factories.answer(at, exam, "toe_flexion.left", "", not_tested=True, reason="pain")
    factories.answer(at, exam, "ankle_eversion.left", "3", confounder="pain", count_as="weak")
    return exam


def sign_in(page: Page, user: User) -> None:
    """Give the page the session of a signed-in person."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.goto("/healthz")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": page.url}])


def step_path(exam: Exam, slug: str) -> str:
    """Return the address of a step."""
    return reverse("exams:step", args=[exam.pk, slug])


def screens(exam: Exam) -> Mapping[str, str]:
    """Return the address of every screen that an examiner meets on the way through a draft."""
    return {
        "home": reverse("exams:home"),
        "patients": reverse("exams:patients"),
        "patient": reverse("exams:patient", args=[exam.patient_id]),
        "start": reverse("exams:exam_new", args=[exam.patient_id]),
        **{slug: step_path(exam, slug) for slug in STEPS},
        "impression": reverse("exams:impression", args=[exam.pk]),
        "check": reverse("exams:check", args=[exam.pk]),
    }
