"""What the last signed exam found stands beside each field, never in it; a value that differs is marked."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exams.answer import Answer
from exams.models import Exam, Observation
from exams.previous import Before, Change, previous_value
from exams.services.localizing import clinic_date
from exams.services.states import locked_exam
from localization import CATALOGUE
from tests import factories

pytestmark = pytest.mark.django_db
BEFORE = {"hip_abduction.left": "3", "hip_abduction.right": "5", "walk_10m_s": "12"}


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    """An exam of a patient whose last signed exam was forty days before."""
    desk = factories.desk(owner)
    now = factories.exam(desk, protocol="full")
    earlier = factories.exam(desk, now.patient, protocol="full", answers=BEFORE)
    Exam.objects.filter(pk=earlier.pk).update(
        state=Exam.State.SUBMITTED, started=now.started - timedelta(days=40)
    )
    return now


def save(client: Client, exam: Exam, place: str, token: str, slug: str = "hip-abduction", **more: str) -> str:
    """Save as the page does, with all that its group of fields says of itself."""
    group = page(client, "step", exam, slug).partition(f'id="{place.replace(".", "-")}-group"')[2]
    told = json.loads(html.unescape(group.partition("hx-vals='")[2].partition("'")[0]))
    said = {**told, "key": uuid4().hex, f"{place}.token": token, **more}
    answer = client.post(reverse("exams:answer", args=[exam.pk]), said, headers={"HX-Request": "true"})
    return str(answer.content.decode())


def day(exam: Exam) -> str:
    then = clinic_date(exam.started - timedelta(days=40), exam.clinic.time_zone)
    now = clinic_date(exam.started, exam.clinic.time_zone)
    return f"{then.day} {then:%b}" if then.year == now.year else f"{then.day} {then:%b %Y}"


def page(client: Client, name: str, exam: Exam, *more: str) -> str:
    return str(client.get(reverse(f"exams:{name}", args=[exam.pk, *more])).content.decode())


def change(finding: str, was: dict[str, Any], now: dict[str, Any]) -> Change | None:
    before = Before(finding=CATALOGUE[finding], answer=Answer(finding=finding, side="", **was), day="6 Nov")
    return before.change_to(Answer(finding=finding, side="", **now))


@pytest.mark.parametrize(
    ("finding", "was", "now", "said"),
    [
        ("hip_abduction", {"token": "3"}, {"token": "4"}, "↑ Changed from 3 (6 Nov): stronger"),
        ("hip_abduction", {"token": "4"}, {"token": "4-"}, "↓ Changed from 4 (6 Nov): weaker"),
        ("hip_abduction", {"token": "3"}, {"token": "3"}, ""),
        ("hip_abduction", {"token": "3"}, {}, ""),
        ("hip_abduction", {"token": "weak"}, {"token": "4"}, "≠ Changed from Weak (6 Nov)"),
        (
            "hip_abduction",
            {"token": "3", "confounder": "pain", "count_as": "ignore"},
            {"token": "4"},
            "≠ Changed from 3, limited by pain; not counted (6 Nov)",
        ),
        (
            "hip_abduction",
            {"token": "3", "confounder": "pain", "count_as": "weak"},
            {"token": "3"},
            "≠ Changed from 3, limited by pain; counted as weak (6 Nov)",
        ),
        (
            "hip_abduction",
            {"not_tested": True, "reason": "pain"},
            {"token": "3"},
            "≠ Was not tested (Pain) on 6 Nov, now 3",
        ),
        ("hip_abduction", {"token": "3"}, {"token": "4", "guard": "not_held"}, "≠ Changed from 3 (6 Nov)"),
        ("hip_abduction", {"token": "3"}, {"not_tested": True}, "≠ Was 3 on 6 Nov, now not tested"),
        ("hip_abduction", {"not_tested": True}, {"token": "3"}, "≠ Was not tested on 6 Nov, now 3"),
        ("hip_abduction", {"not_tested": True}, {"not_tested": True, "reason": "pain"}, ""),
        ("dorsum_foot", {"token": "normal"}, {"token": "reduced"}, "≠ Changed from Normal (6 Nov)"),
        ("walk_10m_s", {"token": "12"}, {"token": "9.5"}, "≠ Was 12 s (0.50 m/s) on 6 Nov"),
        ("walk_10m_s", {"token": "12"}, {"token": "12.0"}, ""),
    ],
)
def test_a_change_is_said_with_a_sign_and_in_words(
    finding: str, was: dict[str, Any], now: dict[str, Any], said: str
) -> None:
    found = change(finding, was, now)
    assert (f"{found.sign} {found.text}" if found else "") == said


def test_X05_a_saved_answer_that_differs_is_marked_at_once_and_on_load(examiner: Client, draft: Exam) -> None:
    marked = f"Changed from 3 ({day(draft)}): stronger"
    answer = save(examiner, draft, "hip_abduction.left", "4")
    assert marked in answer
    assert '<b aria-hidden="true">↑</b>' in answer
    assert "Changed from" not in save(examiner, draft, "hip_abduction.right", "5")
    assert "Changed from" not in save(examiner, draft, "dorsum_foot.left", "reduced", "sensation")
    step = page(examiner, "step", draft, "hip-abduction")
    assert step.count(marked) == step.count("Changed from") == 1
    assert page(examiner, "check", draft).count(marked) == 1
    back = save(examiner, draft, "hip_abduction.left", "3", **{"hip_abduction.left.revision": "1"})
    assert "Changed from" not in back


def test_a_page_without_an_earlier_value_asks_for_none(examiner: Client, draft: Exam) -> None:
    """Most patients come for the first time: their answers do not pay for the question."""
    assert page(examiner, "step", draft, "hip-abduction").count('"compared": "1"') == 2
    assert "compared" not in page(examiner, "step", draft, "sensation")


def test_X05_the_previous_value_is_never_an_answer_or_a_change(examiner: Client, draft: Exam) -> None:
    step = page(examiner, "step", draft, "hip-abduction")
    assert f"3 on {day(draft)}" in step
    form = step.partition('id="step-form"')[2].partition("</form>")[0]
    assert " checked" not in form
    assert "Changed from" not in step + page(examiner, "check", draft)
    assert not Observation.objects.filter(exam=draft).exists()


def test_one_place_is_asked_for_only_where_an_exam_came_before(draft: Exam, owner: User) -> None:
    """Every answer that is saved asks this: a patient's first exam pays for one question only."""
    locked = locked_exam(draft.clinic, draft)
    with CaptureQueriesContext(connection) as asked:
        found = previous_value(locked, ("hip_abduction", "left"))
    assert len(asked) == 2
    assert found is not None
    assert found.text == f"3 on {day(draft)}"
    first = factories.exam(factories.desk(owner), of=factories.patient(factories.desk(owner), number="X-1"))
    with CaptureQueriesContext(connection) as asked:
        assert previous_value(first, ("hip_abduction", "left")) is None
    assert len(asked) == 1


def test_only_the_last_signed_exam_of_this_patient_is_compared_with(owner: User, draft: Exam) -> None:
    """One place alone and a whole page name the same earlier exam, or none."""
    desk = factories.desk(owner)
    place = ("hip_abduction", "left")
    unsigned = factories.exam(desk, draft.patient, answers={"hip_abduction.left": "1"})
    Exam.objects.filter(pk=unsigned.pk).update(started=draft.started - timedelta(days=2))
    other = factories.exam(
        desk, answers={"hip_abduction.left": "2"}, of=factories.patient(desk, number="X-9")
    )
    Exam.objects.filter(pk=other.pk).update(
        state=Exam.State.SUBMITTED, started=draft.started - timedelta(days=2)
    )
    found = previous_value(draft, place)
    assert found is not None
    assert found.answer.token == "3"
    last = factories.exam(desk, draft.patient)
    Exam.objects.filter(pk=last.pk).update(
        state=Exam.State.COUNTERSIGNED, started=draft.started - timedelta(days=2)
    )
    assert previous_value(draft, place) is None
    assert previous_value(other, place) is None
