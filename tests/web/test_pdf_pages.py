"""How the paper fills its pages: four at most, none half empty, and the caution on the first."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pypdf import PageObject, PdfReader

from exams.pdf import render_pdf
from tests import factories
from tests.web.reported import (
    CASES,
    document_of_exam,
    exam_of_case,
    fibular_exam,
    pages_of,
    ready_to_sign,
    squashed,
)

pytestmark = pytest.mark.django_db

FOOT = 71.0  # the running foot stands below this height, in points


def test_a_full_exam_with_much_left_out_fits_four_pages_and_page_1_says_why(owner: User) -> None:
    desk = factories.desk(owner)
    (path,) = [path for path in CASES if path.stem == "leung2021-zoster-l5"]
    exam = ready_to_sign(desk, exam_of_case(desk, path))
    document = document_of_exam(exam)
    first, *others = [squashed(text) for text in pages_of(render_pdf(document))]
    assert len(others) <= 3
    found = document["conclusion"]
    leader = found["ranked"][0]
    for said in (found["headline"], found["for_lead"], found["against_lead"], found["missing_lead"]):
        assert squashed(said) in first, said
    for entry in (*leader["for"], *leader["against"], *found["missing"]):
        assert squashed(entry["text"]) in first, entry["text"]
    assert squashed(found["missing_rest"]) in others[0]


@pytest.mark.parametrize("path", CASES[::8], ids=lambda path: path.stem)
def test_no_page_but_the_last_is_left_half_empty(owner: User, path: Path) -> None:
    desk = factories.desk(owner)
    document = document_of_exam(ready_to_sign(desk, exam_of_case(desk, path)))
    *full, _ = PdfReader(BytesIO(render_pdf(document))).pages
    for page in full:
        assert lowest_line(page) < float(page.mediabox.height) / 2


def lowest_line(page: PageObject) -> float:
    """Return how high above the edge of the paper the last line of the page's body stands, in points."""
    heights: list[float] = []

    def note(text: str, matrix: list[float], *_rest: Any) -> None:
        if text.strip() and matrix[5] > FOOT:
            heights.append(matrix[5])

    page.extract_text(visitor_text=note)
    return min(heights)


def test_the_caution_about_brain_or_cord_follows_the_red_flags_on_page_1(owner: User) -> None:
    document = document_of_exam(fibular_exam(factories.desk(owner), knee_reflex=("brisk", "normal")))
    first = squashed(pages_of(render_pdf(document))[0])
    flags, caution, concluded = (
        first.index(squashed(said))
        for said in (
            document["red_flags"]["summary"],
            document["tripwire"]["text"],
            document["conclusion"]["headline"],
        )
    )
    assert flags < caution < concluded


def test_a_red_flag_and_the_caution_still_leave_four_pages_and_none_half_empty(
    owner: User,
) -> None:
    exam = fibular_exam(
        factories.desk(owner), protocol="full", knee_reflex=("brisk", "normal"), ankle_inversion=("3", "5")
    )
    document = document_of_exam(exam)
    assert document["red_flags"]["flags"]
    assert document["tripwire"]
    assert 1 <= len(document["conclusion"]["next_tests"]) <= 4
    pages = PdfReader(BytesIO(render_pdf(document))).pages
    assert len(pages) <= 4
    for page in list(pages)[:-1]:
        assert lowest_line(page) < float(page.mediabox.height) / 2
