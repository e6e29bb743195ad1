"""Swapped legs swap the sides of the report and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.web.reported import CASES, document_of_exam, exam_of_case

pytestmark = pytest.mark.django_db

# One leg affected and named, so that swapping the legs of the record swaps nothing else.
ONE_SIDED = [path for path in CASES if re.search(r'^side = "(left|right)"', path.read_text(), re.MULTILINE)]

COMPARED = ("red_flags", "conclusion", "figures", "tables", "counts")


@pytest.mark.parametrize("path", ONE_SIDED[::4], ids=lambda path: path.stem)
def test_K05_swapped_legs_swap_the_sides_of_the_report_and_nothing_else(owner: User, path: Path) -> None:
    mirror(owner, path)


@pytest.mark.long
@pytest.mark.parametrize("path", ONE_SIDED, ids=lambda path: path.stem)
def test_K05_swapped_legs_swap_the_sides_in_every_published_case(owner: User, path: Path) -> None:
    mirror(owner, path)


def mirror(owner: User, path: Path) -> None:
    desk = factories.desk(owner)
    plain = document_of_exam(exam_of_case(desk, path))
    mirrored = document_of_exam(exam_of_case(desk, path, mirrored=True))
    assert plain["identity"]["side"] != mirrored["identity"]["side"]
    assert plain["conclusion"] != mirrored["conclusion"] or not plain["conclusion"]["ranked"]
    for part in COMPARED:
        assert swapped(plain[part]) == mirrored[part], part


def swapped(value: Any) -> Any:
    """Return the part of a report as it must be for a patient whose legs are swapped."""
    if isinstance(value, str):
        return re.sub(r"\b(LEFT|RIGHT|left|right|Left|Right)\b", lambda match: OPPOSITE[match[0]], value)
    if isinstance(value, dict):
        return {name: swapped(entry) for name, entry in value.items()}
    if isinstance(value, list) and len(value) == 2 and all(is_cell(entry) for entry in value):
        return [swapped(entry) for entry in reversed(value)]
    return [swapped(entry) for entry in value] if isinstance(value, list) else value


def is_cell(value: Any) -> bool:
    return isinstance(value, dict) and "column" in value


OPPOSITE = {
    "LEFT": "RIGHT",
    "RIGHT": "LEFT",
    "left": "right",
    "right": "left",
    "Left": "Right",
    "Right": "Left",
}
