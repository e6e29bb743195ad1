"""An exam of two dropping feet says on every page and on paper which is worse and what is compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from exams.bulk import fill_of
from exams.document import record_digest
from exams.models import Exam
from exams.pdf import render_pdf
from exams.steps import STEPS
from tests import factories
from tests.web.reported import document_of_exam, fibular_exam, pages_of, screen_text, squashed
from tests.web.reviewed import looked_at, submitted_exam

pytestmark = pytest.mark.django_db
NO_LEG = "Neither leg is normal: no leg to compare with."
LATER = ("worse", "worse_id", "comparison")  # parts of the identity that came late in 1.3


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def both(owner: User) -> Exam:
    return two_feet(owner, "left", "none")


def two_feet(owner: User, worse: str, comparison: str) -> Exam:
    exam = factories.exam(factories.desk(owner), protocol="full", affected_side="bilateral")
    Exam.objects.filter(pk=exam.pk).update(worse_side=worse, comparison_side=comparison)
    exam.refresh_from_db()
    return exam


def said_on(client: Client, name: str, *ids: Any) -> str:
    return screen_text(client.get(reverse(f"exams:{name}", args=ids)).content)


@pytest.mark.parametrize(
    ("worse", "tag", "listed"),
    [
        ("left", "BOTH, patient’s LEFT worse", "both sides, patient's LEFT worse"),
        ("right", "BOTH, patient’s RIGHT worse", "both sides, patient's RIGHT worse"),
        ("alike", "BOTH alike", "both sides alike"),
        ("", "BOTH legs", "both sides"),
    ],
)
def test_K05_the_banner_and_the_lists_name_the_worse_foot(
    owner: User, examiner: Client, worse: str, tag: str, listed: str
) -> None:
    exam = two_feet(owner, worse, "none")
    for name, ids in (("step", (exam.pk, "gait")), ("check", (exam.pk,))):
        assert squashed(tag) in squashed(said_on(examiner, name, *ids))
    assert squashed(f"{listed} · Full") in squashed(said_on(examiner, "patient", exam.patient_id))
    assert squashed(listed) in squashed(said_on(examiner, "home"))


@pytest.mark.parametrize(("comparison", "said"), [("none", True), ("left", False), ("", False)])
def test_a_step_says_when_there_is_no_leg_to_compare_with(
    owner: User, examiner: Client, comparison: str, said: bool
) -> None:
    exam = two_feet(owner, "right", comparison)
    for name, ids in (("step", (exam.pk, "ankle-and-toes")), ("check", (exam.pk,))):
        assert (squashed(NO_LEG) in squashed(said_on(examiner, name, *ids))) is said


def test_no_normal_leg_is_filled_down_when_neither_is_normal(owner: User) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full")
    filled = [step for step in STEPS if fill_of(step, exam)]
    assert filled
    exam.comparison_side = "none"
    assert [step for step in STEPS if fill_of(step, exam)] == []


@pytest.mark.parametrize(
    ("worse", "comparison", "sentences"),
    [
        ("left", "none", ["The patient's LEFT foot drops more.", NO_LEG]),
        ("right", "left", ["The patient's RIGHT foot drops more.", "Compared with the patient's LEFT leg."]),
        ("alike", "none", ["Both feet drop alike.", NO_LEG]),
    ],
)
def test_K05_the_report_says_it_on_the_screen_and_on_every_page_of_paper(
    owner: User, worse: str, comparison: str, sentences: list[str]
) -> None:
    exam = fibular_exam(factories.desk(owner), side="bilateral")
    exam.worse_side, exam.comparison_side = worse, comparison
    document = document_of_exam(exam)
    screen = screen_text(render_to_string("exams/report_body.html", {"document": document}).encode())
    pages = pages_of(render_pdf(document))
    for sentence in sentences:
        assert squashed(sentence) in squashed(screen)
        assert all(squashed(sentence) in squashed(page) for page in pages)


def test_a_document_of_before_shows_and_prints_without_the_sentences(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), side="bilateral")
    exam.worse_side, exam.comparison_side = "left", "none"
    old = document_of_exam(exam)
    for name in LATER:
        del old["identity"][name]
    screen = screen_text(render_to_string("exams/report_body.html", {"document": old}).encode())
    paper = "".join(pages_of(render_pdf(old)))
    banner = render_to_string("exams/side_tag.html", {"affected": old["identity"]["side_id"]})
    assert "BOTHlegs" in screen_text(banner.encode())
    for shown in (screen, paper):
        assert squashed("LEFT and RIGHT") in squashed(shown)
        assert squashed("drops more") not in squashed(shown)
        assert squashed(NO_LEG) not in squashed(shown)


def test_the_signature_covers_what_was_said_of_the_sides(both: Exam) -> None:
    whole = record_digest(both)
    both.worse_side = "right"
    assert record_digest(both) != whole
    both.worse_side, both.comparison_side = "left", "right"
    assert record_digest(both) != whole


def whose_drawings(page: Any) -> list[str]:
    """Return the legs that stand in words above the drawings: their own titles are read aloud, not seen."""
    seen = re.sub(r"<svg.*?</svg>", "<svg>", page.content.decode(), flags=re.DOTALL)
    return re.findall(r"Nerve pathway, patient.{1,6}s (left|right) leg</p>\s*<svg>", seen)


def test_K05_each_drawing_of_a_report_says_in_words_whose_leg_it_is(examiner: Client, both: Exam) -> None:
    page = examiner.get(reverse("exams:report", args=[both.pk]))
    assert whose_drawings(page) == ["left", "right"]


def test_K05_each_drawing_of_a_review_says_in_words_whose_leg_it_is(
    owner: User, supervisor: User, sign_in: Callable[[User], Client]
) -> None:
    for side, legs in (("right", ["right"]), ("bilateral", ["left", "right"])):
        exam = looked_at(supervisor, submitted_exam(owner, side=side))
        page = sign_in(supervisor).get(reverse("exams:review", args=[exam.pk]))
        assert whose_drawings(page) == legs
