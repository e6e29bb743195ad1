"""The patient's page follows every graded muscle and measured value over the signed visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.desk import Desk
from exams.models import Exam, Patient
from exams.steps import sides_of
from exams.trends import HEIGHT, WIDTH, Trend, trends_of
from localization import CATALOGUE
from tests import factories

SignIn = Callable[[User], Client]
FIRST = {"ankle_dorsiflexion.left": "2", "hip_abduction.left": "5", "walk_10m_s": "7.5"}
SECOND = {"ankle_dorsiflexion.left": "4", "hip_abduction.left": "4+", "walk_10m_s": "6"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(owner: User) -> Desk:
    return factories.desk(owner)


@pytest.fixture
def patient(desk: Desk) -> Patient:
    return factories.patient(desk)


def visit(
    desk: Desk, patient: Patient, days_ago: int, answers: dict[str, str], state: str = "submitted"
) -> Exam:
    exam = factories.exam(desk, patient, protocol="full", answers=answers)
    Exam.objects.filter(pk=exam.pk).update(state=state, started=timezone.now() - timedelta(days=days_ago))
    return exam


def by_name(patient: Patient) -> dict[str, Trend]:
    return {f"{one.finding.id}.{one.side}": one for one in trends_of(patient)}


def test_two_visits_give_points_in_their_order_and_a_change_in_words(desk: Desk, patient: Patient) -> None:
    visit(desk, patient, 28, FIRST)
    visit(desk, patient, 0, SECOND)
    found = by_name(patient)
    assert list(found) == [
        "hip_abduction.patient's LEFT",
        "ankle_dorsiflexion.patient's LEFT",
        "walk_10m_s.",
    ]
    foot = found["ankle_dorsiflexion.patient's LEFT"]
    assert [point.text for point in foot.points] == ["2", "4"]
    assert [(point.x, point.y) for point in foot.points] == [(0, HEIGHT * 0.6), (WIDTH, HEIGHT * 0.2)]
    assert foot.line == "0.0,36.0 200.0,12.0"
    assert foot.change.startswith("Up from 2 to 4: more than repeating the test")
    assert "no more than repeating" in found["hip_abduction.patient's LEFT"].change
    walk = found["walk_10m_s."]
    assert ([point.number for point in walk.points], walk.unit) == ([0.8, 1.0], "m/s")
    assert "more than repeating the test makes by itself (0.17 m/s)" in walk.change


def test_drafts_superseded_void_and_other_patients_exams_are_no_visits(desk: Desk, patient: Patient) -> None:
    visit(desk, patient, 28, FIRST)
    for state in ("draft", "returned", "superseded", "void"):
        visit(desk, patient, 3, SECOND, state)
    visit(desk, factories.patient(desk, family_name="Other"), 0, SECOND)
    assert trends_of(patient) == ()
    visit(desk, patient, 1, SECOND)
    foot = by_name(patient)["ankle_dorsiflexion.patient's LEFT"]
    assert [point.text for point in foot.points] == ["2", "4"]


def test_what_was_not_tested_or_limited_is_told_but_not_drawn_as_a_number(
    desk: Desk, patient: Patient
) -> None:
    visit(desk, patient, 60, FIRST)
    limited = visit(desk, patient, 30, {}, "draft")
    factories.answer(desk, limited, "ankle_dorsiflexion.left", "1", confounder="pain", count_as="ignore")
    factories.answer(desk, limited, "hip_abduction.left", "", not_tested=True, reason="pain")
    Exam.objects.filter(pk=limited.pk).update(state="submitted")
    visit(desk, patient, 0, SECOND)
    foot = by_name(patient)["ankle_dorsiflexion.patient's LEFT"]
    assert [point.number for point in foot.points] == [2, None, 4]
    assert len(foot.drawn) == 2
    assert foot.points[1].text.startswith("1")
    assert "not counted" in foot.points[1].text
    hip = by_name(patient)["hip_abduction.patient's LEFT"]
    assert [point.number for point in hip.points] == [5, None, 4.3]
    assert "pain" in hip.points[1].text.lower()


def test_a_grade_of_another_technique_is_not_drawn_and_what_nobody_tested_is_no_visit(
    desk: Desk, patient: Patient
) -> None:
    visit(desk, patient, 60, FIRST)
    untested = visit(desk, patient, 30, {}, "draft")
    factories.answer(desk, untested, "ankle_dorsiflexion.left", "1")
    untested.observations.update(guard="not_held")
    factories.answer(desk, untested, "walk_10m_s", "", not_tested=True, reason="pain")
    Exam.objects.filter(pk=untested.pk).update(state="submitted")
    found = by_name(patient)
    assert [point.number for point in found["ankle_dorsiflexion.patient's LEFT"].points] == [2, None]
    assert "walk_10m_s." not in found


def test_the_change_is_of_the_last_two_visits_and_a_force_is_weighed_by_the_body_mass_of_its_day(
    desk: Desk, patient: Patient
) -> None:
    for days_ago, grade, force, mass in ((60, "2", "60", "50"), (30, "4", "70", "70"), (0, "4", "160", "80")):
        answers = {"ankle_dorsiflexion.left": grade, "body_mass_kg": mass}
        visit(desk, patient, days_ago, {**answers, "dorsiflexion_force_n.left": force})
    found = by_name(patient)
    assert found["ankle_dorsiflexion.patient's LEFT"].change == "No change between the last two visits."
    pull = found["dorsiflexion_force_n.patient's LEFT"]
    assert [point.number for point in pull.points] == [1.2, 1.0, 2.0]
    assert "(0.77 N/kg)" in pull.change


def test_the_page_draws_and_tables_the_same_and_its_queries_do_not_grow(
    desk: Desk, patient: Patient, owner: User, sign_in: SignIn
) -> None:
    client, address = sign_in(owner), reverse("exams:patient", args=[patient.pk])
    client.get(address)
    for days_ago in (40, 28):
        visit(desk, patient, days_ago, FIRST)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for days_ago in (20, 10, 0):
        visit(desk, patient, days_ago, SECOND)
    with CaptureQueriesContext(connection) as many:
        page = client.get(address).content.decode()
    assert len(many) == len(few)
    assert 'aria-label="Ankle dorsiflexion, patient&#x27;s LEFT: 2 on ' in page
    assert page.count('class="dot"') == 3 * 5
    assert page.count("<polyline") == 3


def test_a_patient_with_one_signed_exam_or_none_has_no_trend(desk: Desk, patient: Patient) -> None:
    visit(desk, patient, 0, FIRST, "draft")
    assert trends_of(patient) == ()
    visit(desk, patient, 0, FIRST)
    assert trends_of(patient) == ()


def test_every_graded_muscle_force_and_timed_walk_is_followed_on_each_side_with_its_table(
    desk: Desk, patient: Patient, owner: User, sign_in: SignIn
) -> None:
    followed = [
        one
        for one in CATALOGUE.findings.values()
        if one.group == "strength" or one.scale.id == "newtons" or one.timed_metres is not None
    ]
    answers = {
        f"{one.id}.{side}" if side else one.id: "4" if one.group == "strength" else "8"
        for one in followed
        for side in sides_of(one)
    }
    assert len(answers) > 28
    for days_ago in (28, 0):
        visit(desk, patient, days_ago, answers)
    found = trends_of(patient)
    assert len(found) == len(answers)
    assert {one.finding.id for one in found} == {one.id for one in followed}
    page = sign_in(owner).get(reverse("exams:patient", args=[patient.pk])).content.decode()
    part = page[page.index('id="trends-title"') :]
    assert part.count('role="img"') == part.count('<table class="tbl small">') == len(answers)
