"""What the two acts on many rows may touch: one reason for what is open, and the sound side filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.audit import values_of
from clinics.models import AuditEvent
from exams.answer import Answer
from exams.bulk import fill_of, rest_of
from exams.models import Exam, Observation
from exams.services.answers import save_answer
from exams.steps import STEPS
from localization import red_flag_questions
from tests import factories

pytestmark = pytest.mark.django_db

GAIT, MEASURED, ONSET, RED_FLAGS = "gait", "measured", "onset-and-pain", "red-flags"


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def mark(examiner: Client, exam: Exam, slug: str, reason: str, **said: str) -> Any:
    url = reverse("exams:step", args=[exam.pk, slug])
    return examiner.post(url, {"rest.mark": "1", "rest.reason": reason, **said})


def recorded(exam: Exam) -> dict[str, str]:
    rows = Observation.objects.filter(exam=exam)
    return {f"{row.finding}.{row.side}".rstrip("."): row.token or row.reason for row in rows}


def places(slug: str) -> set[str]:
    step = next(step for step in STEPS if step.slug == slug)
    return {f"{finding}.{side}".rstrip(".") for finding, side in step.places}


class TestWithoutJavaScript:
    def test_what_is_open_is_marked_and_what_was_typed_is_saved_with_it(
        self, examiner: Client, draft: Exam
    ) -> None:
        said = {"gait_pattern.token": "steppage", "walk_10m_s.token": "9.4", "heel_walk.left.token": "unable"}
        answer = mark(examiner, draft, GAIT, "balance", **said)
        assert answer["Location"].endswith(f"/{GAIT}/")
        given = {"gait_pattern": "steppage", "walk_10m_s": "9.4", "heel_walk.left": "unable"}
        assert recorded(draft) == dict.fromkeys(places(GAIT), "balance") | given
        assert not Observation.objects.filter(exam=draft, not_tested=True).exclude(token="").exists()
        page = examiner.get(answer["Location"]).content.decode()
        assert "What was open on this step is marked as not tested." in page

    def test_what_was_cleared_is_marked_too(self, owner: User, examiner: Client, draft: Exam) -> None:
        desk = factories.desk(owner)
        row = factories.answer(desk, draft, "gait_pattern", "steppage").observation
        assert row is not None
        cleared = Answer(finding="gait_pattern", revision=row.revision, cleared=True)
        save_answer(desk=desk, exam=draft, answer=cleared, key=uuid4().hex)
        page = examiner.get(reverse("exams:step", args=[draft.pk, GAIT])).content.decode()
        shown = dict(re.findall(r'name="([a-z0-9_.]+\.revision)"\s+value="(\d+)"', page))
        assert mark(examiner, draft, GAIT, "balance", **shown).status_code == 302
        assert recorded(draft) == dict.fromkeys(places(GAIT), "balance")

    def test_every_marked_place_has_its_own_line_in_the_trail(self, examiner: Client, draft: Exam) -> None:
        mark(examiner, draft, MEASURED, "equipment")
        told: dict[str, Any] = {}
        for event in AuditEvent.objects.filter(act="answer.saved"):
            said: Any = values_of(event)
            told[f"{said['finding']}.{said['side']}"] = said["new"]
        assert set(told) == places(MEASURED)
        assert {(new["not_tested"], new["reason"]) for new in told.values()} == {(True, "equipment")}

    @pytest.mark.parametrize("reason", ["", "normal", "laziness"])
    def test_without_a_reason_from_the_list_nothing_is_changed(
        self, examiner: Client, draft: Exam, reason: str
    ) -> None:
        answer = mark(examiner, draft, GAIT, reason, **{"gait_pattern.token": "steppage"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count("Choose why what is open was not tested: nothing was changed.") == 2
        assert 'href="#rest-reason"' in page
        assert recorded(draft) == {}

    def test_an_impossible_value_beside_it_changes_nothing(self, examiner: Client, draft: Exam) -> None:
        answer = mark(examiner, draft, GAIT, "balance", **{"walk_10m_s.token": "quick"})
        assert answer.status_code == 422
        assert recorded(draft) == {}

    def test_an_answer_that_another_page_gave_meanwhile_is_not_overwritten(
        self, owner: User, examiner: Client, draft: Exam
    ) -> None:
        factories.answer(factories.desk(owner), draft, "heel_walk.left", "unable")
        answer = mark(examiner, draft, GAIT, "balance", **{"heel_walk.left.revision": "0"})
        assert answer.status_code == 409
        assert recorded(draft) == {"heel_walk.left": "unable"}


class TestRedFlagQuestions:
    def test_none_of_them_is_ever_marked_with_the_rest(self, examiner: Client, draft: Exam) -> None:
        questions = set(red_flag_questions())
        for step in STEPS:
            if step.finding_ids:
                mark(examiner, draft, step.slug, "time")
        marked = {row.finding for row in Observation.objects.filter(exam=draft)}
        assert marked == {name for step in STEPS for name in step.finding_ids} - questions

    def test_a_step_of_nothing_else_does_not_offer_it(self, examiner: Client, draft: Exam) -> None:
        for slug in (RED_FLAGS, ONSET):
            page = examiner.get(reverse("exams:step", args=[draft.pk, slug])).content.decode()
            assert "mark what is open" not in page

    def test_each_step_names_the_places_that_it_may_mark(self) -> None:
        questions = set(red_flag_questions())
        for step in STEPS:
            rest = rest_of(step)
            named = set(rest.open_to) if rest else set()
            assert named == {place for place in step.places if place[0] not in questions}


class TestFillDown:
    def test_only_like_rows_with_a_normal_value_are_filled_on_the_sound_side(self, draft: Exam) -> None:
        offered = {step.slug: fill for step in STEPS if (fill := fill_of(step, draft))}
        assert set(offered) == {"hip-and-knee", "ankle-and-toes", "sensation", "prone-tests"}
        assert {fill.side for fill in offered.values()} == {"right"}
        assert offered["ankle-and-toes"].rows == "6 movements"
        assert (offered["sensation"].words, offered["sensation"].was) == ("normal", "normal")
        assert offered["prone-tests"].places == (
            "hip_extension.right=5 knee_flexion.right=5 posterior_thigh.right=normal"
        )
        assert offered["prone-tests"].tokens == "5 and Normal"

    @pytest.mark.parametrize(("affected", "filled"), [("right", "left"), ("bilateral", None)])
    def test_the_affected_leg_is_never_filled(self, owner: User, affected: str, filled: str | None) -> None:
        draft = factories.exam(factories.desk(owner), protocol="full", affected_side=affected)
        offered = [fill_of(step, draft) for step in STEPS]
        assert {fill.side for fill in offered if fill} == ({filled} if filled else set())
