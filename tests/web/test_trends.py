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
from exams.trend_chart import AT_MOST, HEIGHT, WIDTH, Chart, course_of
from exams.trends import Line, trends_of
from localization import CATALOGUE
from tests import factories
from tests.web.reviewed import looked_at, submitted_exam

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


def by_name(patient: Patient) -> dict[str, Line]:
    return {
        f"{trend.finding.id}.{line.side_label}": line for trend in trends_of(patient) for line in trend.lines
    }


def charts(patient: Patient) -> dict[str, Chart]:
    course = course_of(patient)
    assert course is not None
    return {chart.trend.finding.id: chart for chart in course.charts}


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
    assert foot.change.startswith("Up from 2 to 4: more than repeating the test")
    assert "no more than repeating" in found["hip_abduction.patient's LEFT"].change
    walk = found["walk_10m_s."]
    assert [point.number for point in walk.points] == [0.8, 1.0]
    assert "more than repeating the test makes by itself (0.17 m/s)" in walk.change


def test_grades_stand_evenly_in_their_order_and_speeds_from_zero(desk: Desk, patient: Patient) -> None:
    visit(desk, patient, 28, FIRST)
    visit(desk, patient, 0, SECOND)
    drawn = charts(patient)
    step = HEIGHT / 7  # from 0 to 5 by way of 4-, 4 and 4+
    foot, walk = drawn["ankle_dorsiflexion"], drawn["walk_10m_s"]
    assert [dot for line in foot.lines for dot in line.dots] == [(0, HEIGHT - 2 * step), (WIDTH, 2 * step)]
    assert [rung.text for rung in foot.rungs] == ["0", "3", "5"]
    assert [value.text for value in foot.values] == ["2", "4"]
    assert [day.x for day in foot.days] == [0, WIDTH]
    assert [rung.text for rung in walk.rungs] == ["0", "1"]
    assert [value.text for value in walk.values] == ["0.8", "1"]
    assert walk.trend.unit == "m/s"


def test_a_grade_that_screens_do_not_offer_has_its_own_step(desk: Desk, patient: Patient) -> None:
    for days_ago, grade in ((28, "2+"), (0, "3")):
        visit(desk, patient, days_ago, {"ankle_dorsiflexion.left": grade})
    (line,) = charts(patient)["ankle_dorsiflexion"].lines
    assert [y for _, y in line.dots] == [HEIGHT * (1 - 3 / 8), HEIGHT * (1 - 4 / 8)]


def test_left_is_solid_right_is_dashed_and_the_affected_legs_values_are_told(
    desk: Desk, patient: Patient
) -> None:
    visit(desk, patient, 28, {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "5"})
    last = visit(desk, patient, 0, {"ankle_dorsiflexion.left": "3", "ankle_dorsiflexion.right": "4+"})
    foot = charts(patient)["ankle_dorsiflexion"]
    assert [line.style for line in foot.lines] == ["l", "r"]
    assert [value.text for value in foot.values] == ["2", "3"]
    Exam.objects.filter(pk=last.pk).update(affected_side="bilateral")
    assert [value.text for value in charts(patient)["ankle_dorsiflexion"].values] == ["2", "3", "5", "4+"]


def test_a_value_under_the_other_legs_point_stands_below_its_own(desk: Desk, patient: Patient) -> None:
    for days_ago, left in ((28, "4"), (0, "2")):
        answers = {"ankle_dorsiflexion.left": left, "ankle_dorsiflexion.right": "5"}
        visit(desk, patient, days_ago, answers)
    high, low = charts(patient)["ankle_dorsiflexion"].values
    assert high.y > 2 * HEIGHT / 7
    assert low.y < 5 * HEIGHT / 7


def test_what_was_not_tested_breaks_the_line_and_is_said_in_the_gap(desk: Desk, patient: Patient) -> None:
    for days_ago in (90, 60, 30, 0):
        exam = visit(desk, patient, days_ago, {} if days_ago == 30 else FIRST, "draft")
        if days_ago == 30:
            factories.answer(desk, exam, "ankle_dorsiflexion.left", "", not_tested=True, reason="pain")
        Exam.objects.filter(pk=exam.pk).update(state="submitted")
    drawn = charts(patient)
    foot = drawn["ankle_dorsiflexion"]
    assert [gap.text for gap in foot.gaps] == ["not tested"]
    assert [gap.text for gap in drawn["hip_abduction"].gaps] == ["not recorded"]
    (line,) = foot.lines
    assert (len(line.dots), len(line.runs)) == (3, 1)  # the last point stands alone behind the gap
    assert line.runs[0].count(",") == 2


def test_of_two_affected_legs_the_one_that_was_not_tested_is_named(desk: Desk, patient: Patient) -> None:
    both = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "3"}
    for days_ago in (60, 30):
        visit(desk, patient, days_ago, both)
    last = visit(desk, patient, 0, {"ankle_dorsiflexion.left": "2"})
    Exam.objects.filter(pk=last.pk).update(affected_side="bilateral")
    assert [gap.text for gap in charts(patient)["ankle_dorsiflexion"].gaps] == ["RIGHT not recorded"]


def test_more_visits_than_fit_are_in_the_table_and_the_latest_are_drawn(
    desk: Desk, patient: Patient, owner: User, sign_in: SignIn
) -> None:
    for days_ago in range(AT_MOST + 2):
        visit(desk, patient, days_ago, FIRST)
    foot = charts(patient)["ankle_dorsiflexion"]
    assert (len(foot.days), len(foot.values), foot.left_out) == (AT_MOST, AT_MOST, 2)
    page = sign_in(owner).get(reverse("exams:patient", args=[patient.pk])).content.decode()
    assert f"The latest of {AT_MOST + 2} visits; the table has all." in page


def test_a_fall_beyond_repeating_stands_on_top_and_a_smaller_one_does_not(
    desk: Desk, patient: Patient, owner: User, sign_in: SignIn
) -> None:
    visit(desk, patient, 28, {"ankle_dorsiflexion.left": "3", "hip_abduction.left": "4+", "walk_10m_s": "10"})
    visit(desk, patient, 0, {"ankle_dorsiflexion.left": "2", "hip_abduction.left": "4", "walk_10m_s": "5"})
    page = sign_in(owner).get(reverse("exams:patient", args=[patient.pk])).content.decode()
    told = " ".join(page[page.index("Less than at the visit before:") :].split("</p>")[0].split())
    assert "Ankle dorsiflexion, patient&#x27;s LEFT (3 to 2 since " in told
    assert "Hip abduction" not in told
    assert "10-metre walk" not in told
    visit(desk, patient, 0, {"ankle_dorsiflexion.left": "2", "walk_10m_s": "5"})
    page = sign_in(owner).get(reverse("exams:patient", args=[patient.pk])).content.decode()
    assert "Less than at the visit before" not in page


def test_each_exam_says_what_its_signed_report_concludes(
    owner: User, colleague: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = submitted_exam(owner)
    address = reverse("exams:patient", args=[exam.patient_id])
    said = "The recorded findings are most consistent with: common fibular nerve"
    for examiner in (owner, colleague):
        assert said in sign_in(examiner).get(address).content.decode()
    # Who may review it looks first, without the answer.
    assert said not in sign_in(supervisor).get(address).content.decode()
    looked_at(supervisor, exam)
    assert said in sign_in(supervisor).get(address).content.decode()
    Exam.objects.filter(pk=exam.pk).update(state="void")
    assert said not in sign_in(owner).get(address).content.decode()


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
    assert foot.points[1].gap == "not counted"
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
    part = page[page.index('class="trends"') :]
    assert part.count('class="dot l"') == 3 * 5
    assert part.count("<polyline") == 3


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
    assert sum(len(one.lines) for one in found) == len(answers)
    assert {one.finding.id for one in found} == {one.id for one in followed}
    page = sign_in(owner).get(reverse("exams:patient", args=[patient.pk])).content.decode()
    part = page[page.index('id="trends-title"') :]
    assert part.count('role="img"') == len(followed)
    assert part.count('<th scope="row">') == len(answers)
