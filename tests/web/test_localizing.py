"""Reading rows as findings, and what stands when the engine or the rules fail."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from exams.models import Exam, Observation
from exams.services.localizing import age_at, exam_age, findings_of, localize_exam, pathways_of
from localization import red_flag_questions
from tests import factories

pytestmark = pytest.mark.django_db


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("Astrid Lindqvist, born 1961")


@pytest.fixture
def draft(owner: User) -> Exam:
    answers = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "5", "bladder_bowel": "yes"}
    return factories.exam(factories.desk(owner), answers=answers)


def test_age_sex_and_side_come_from_patient_and_exam(draft: Exam) -> None:
    found = findings_of(draft)
    assert found.unsided["side"] == "left"
    assert found.unsided["sex"] == "female"
    assert found.unsided["age"] == exam_age(draft)
    assert (found.left["ankle_dorsiflexion"], found.right["ankle_dorsiflexion"]) == ("2", "5")


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1961, 3, 14), date(2026, 3, 13), 64),
        (date(1961, 3, 14), date(2026, 3, 14), 65),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
    ],
)
def test_age_is_completed_years_on_the_day_of_the_exam(born: date, day: date, age: int) -> None:
    assert age_at(born, day) == age


@pytest.mark.parametrize(
    ("worse", "index"), [("left", "left"), ("right", "right"), ("alike", "left"), ("", "left")]
)
def test_K05_the_worse_of_two_feet_is_read_when_their_grades_do_not_tell(
    owner: User, worse: str, index: str
) -> None:
    answers = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "2"}
    both = factories.exam(factories.desk(owner), affected_side="bilateral", answers=answers)
    both.worse_side = worse
    assert findings_of(both).index == index
    factories.answer(factories.desk(owner), both, "ankle_dorsiflexion.left", "1")
    assert findings_of(both).index == "left"


def test_K05_a_worse_side_left_from_before_does_not_turn_a_one_sided_exam(draft: Exam) -> None:
    draft.observations.all().delete()
    draft.worse_side = "right"
    assert findings_of(draft).index == "left"


def test_the_day_of_the_exam_is_the_clinics_day(draft: Exam) -> None:
    draft.clinic.time_zone = "Pacific/Auckland"
    draft.patient.birth_date = date(1961, 3, 14)
    draft.started = datetime(2026, 3, 13, 22, 0, tzinfo=UTC)
    assert exam_age(draft) == 65
    draft.clinic.time_zone = "Europe/London"
    assert exam_age(draft) == 64


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"token": "3"}, "3"),
        ({"token": "3", "confounder": "pain", "count_as": "weak"}, "weak"),
        ({"token": "3", "confounder": "pain", "count_as": "normal"}, "5"),
        ({"token": "3", "confounder": "pain", "count_as": "ignore"}, None),
        ({"token": "3", "confounder": "pain"}, None),
        ({"token": "", "not_tested": True}, None),
        ({"token": "", "not_tested": True, "reason": "pain"}, None),
    ],
)
def test_a_grade_enters_as_it_is_counted(
    owner: User, draft: Exam, said: dict[str, Any], counted: str | None
) -> None:
    token = said.pop("token")
    factories.answer(factories.desk(owner), draft, "hip_abduction.left", token, **said)
    assert findings_of(draft).left.get("hip_abduction") == counted


def test_a_stored_value_that_the_catalogue_no_longer_knows_is_left_out_and_logged(
    draft: Exam, caplog: pytest.LogCaptureFixture
) -> None:
    Observation.objects.filter(exam=draft, side="left").update(token="formerly 2")
    assert "ankle_dorsiflexion" not in findings_of(draft).left
    assert "outside the catalogue" in caplog.text
    assert "formerly" not in caplog.text


def test_an_engine_that_fails_leaves_the_red_flags_standing(
    draft: Exam, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("exams.services.localizing.localize", broken)
    with caplog.at_level(logging.ERROR):
        reading = localize_exam(draft)
    assert reading.report is None
    assert reading.failed
    assert [flag.id for flag in reading.red_flags] == ["cauda_equina"]
    assert "Localization failed" in caplog.text
    assert "Lindqvist" not in caplog.text


@pytest.mark.parametrize("gone", ["localize", "red_flags"])
def test_the_tripwire_stands_when_the_engine_or_the_red_flag_rules_fail(
    owner: User, draft: Exam, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    factories.answer(factories.desk(owner), draft, "knee_reflex.left", "brisk")
    monkeypatch.setattr(f"exams.services.localizing.{gone}", broken)
    reading = localize_exam(draft)
    assert reading.report is None
    assert reading.tripwire is not None
    assert [cited.finding for cited in reading.tripwire.cited] == ["knee_reflex"]


def test_without_a_sign_of_brain_or_cord_there_is_no_tripwire(draft: Exam) -> None:
    assert localize_exam(draft).tripwire is None


def test_a_tripwire_that_fails_leaves_the_red_flags_standing(
    draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exams.services.localizing.central_tripwire", broken)
    assert [flag.id for flag in localize_exam(draft).red_flags] == ["cauda_equina"]


def test_red_flag_rules_that_fail_never_look_like_no_red_flag(
    draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exams.services.localizing.red_flags", broken)
    reading = localize_exam(draft)
    assert reading.flags_failed
    assert reading.failed
    assert reading.flags_unasked == red_flag_questions()


def test_a_question_that_was_not_tested_was_not_asked(owner: User, draft: Exam) -> None:
    at = factories.desk(owner)
    factories.answer(at, draft, "back_pain", "", not_tested=True, reason="understanding")
    factories.answer(at, draft, "cancer", "no")
    unasked = localize_exam(draft).flags_unasked
    assert "back_pain" in unasked
    assert "cancer" not in unasked
    assert "bladder_bowel" not in unasked


def test_a_report_comes_with_the_drawing_of_the_weak_leg(draft: Exam) -> None:
    reading = localize_exam(draft)
    assert not reading.failed
    assert reading.report is not None
    (drawing,) = pathways_of(draft, draft.observations.all(), reading.report)
    assert drawing.side == "left"
    draft.affected_side = Exam.Side.BILATERAL
    assert [leg.side for leg in pathways_of(draft, draft.observations.all(), None)] == ["left", "right"]


def test_a_drawing_that_fails_is_left_out(draft: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exams.services.localizing.pathway", broken)
    assert pathways_of(draft, draft.observations.all(), None) == ()
