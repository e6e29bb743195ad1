"""Saving one answer at a time from a page of the walk, and the record when the engine does not run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.services.exams import give_impression
from exams.steps import core_findings, sides_of, step_asking
from localization import CATALOGUE
from tests import factories

pytestmark = pytest.mark.django_db

HX = {"HX-Request": "true"}


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("the engine is gone")


def at(name: str, exam: Exam, *more: str) -> str:
    return reverse(f"exams:{name}", args=[exam.pk, *more])


def text(response: Any) -> str:
    content: str = response.content.decode()
    return content


def autosave(examiner: Client, exam: Exam, place: str, token: str, **more: str) -> Any:
    finding, _, side = place.partition(".")
    said = {"finding": finding, "side": side, "key": uuid4().hex, "step": "", f"{place}.token": token, **more}
    return examiner.post(at("answer", exam), said, headers=HX)


def follows(examiner: Client, exam: Exam, slug: str) -> str:
    """Return what an open page asks for after a save."""
    return text(examiner.get(f"{at('live', exam)}?step={slug}", headers=HX))


def stored(exam: Exam, place: str) -> Observation | None:
    finding, _, side = place.partition(".")
    return Observation.objects.filter(exam=exam, finding=finding, side=side).first()


def shown_revision(response: Any, place: str) -> dict[str, str]:
    """Return the field in which a page says to what its answer at this place is given."""
    found = re.search(rf'name="{re.escape(place)}\.revision"\s+value="(\d+)"', text(response))
    assert found is not None
    return {f"{place}.revision": found[1]}


class TestAutosave:
    def test_an_answer_is_saved_and_the_page_told_what_follows(self, examiner: Client, draft: Exam) -> None:
        answer = autosave(examiner, draft, "bladder_bowel", "yes", step="red-flags")
        page = text(answer)
        assert answer.status_code == 200
        for fragment in ('id="save-state"', "Saved "):
            assert fragment in page
        assert 'name="bladder_bowel.revision"' in page
        assert 'value="1"' in page
        assert "<html" not in page
        after = follows(examiner, draft, "red-flags")
        for fragment in ('id="red-flags"', 'id="live"', 'id="rail"', "Red flag recorded"):
            assert fragment in after
        assert AuditEvent.objects.filter(act="answer.saved").count() == 1

    def test_a_conflict_names_both_values_and_who(self, owner: User, examiner: Client, draft: Exam) -> None:
        factories.answer(factories.desk(owner), draft, "hip_abduction.left", "3")
        answer = autosave(examiner, draft, "hip_abduction.left", "5", **{"hip_abduction.left.revision": "0"})
        page = text(answer)
        assert answer.status_code == 409
        assert "Olive Owner" in page
        assert 'name="hip_abduction.left.revision"' in page
        row = stored(draft, "hip_abduction.left")
        assert row is not None
        assert row.token == "3"
        mine = autosave(examiner, draft, "hip_abduction.left", "5", **{"hip_abduction.left.revision": "1"})
        assert mine.status_code == 200

    def test_C04_what_was_cleared_is_answered_anew_by_the_page_that_cleared_it_and_by_a_new_one(
        self, examiner: Client, draft: Exam
    ) -> None:
        place, shows = "hip_abduction.left", at("step", draft, step_asking("hip_abduction").slug)
        for _ in range(2):  # the second time with what a page says that is opened afterwards
            given = autosave(examiner, draft, place, "3", **shown_revision(examiner.get(shows), place))
            told = shown_revision(given, place)
            cleared = autosave(examiner, draft, place, "", **told, **{f"{place}.clear": "1"})
            again = autosave(examiner, draft, place, "4", **shown_revision(cleared, place))
            assert (given.status_code, cleared.status_code, again.status_code) == (200, 200, 200)
            last = autosave(
                examiner, draft, place, "", **shown_revision(again, place), **{f"{place}.clear": "1"}
            )
            assert last.status_code == 200
            late = autosave(examiner, draft, place, "2", **{f"{place}.revision": "0"})
            assert late.status_code == 409
            assert "Cleared" in text(late)
            assert stored(draft, place) is None

    @pytest.mark.parametrize(
        ("place", "token"),
        [("hip_abduction.left", "6"), ("hip_abduction", "5"), ("shoe_size", "42"), ("age", "70"), ("", "")],
    )
    def test_a_refusal_says_why(self, examiner: Client, draft: Exam, place: str, token: str) -> None:
        answer = autosave(examiner, draft, place, token)
        assert answer.status_code == 422
        assert not Observation.objects.exists()

    def test_the_reason_of_a_refusal_stands_in_the_row(self, examiner: Client, draft: Exam) -> None:
        page = text(autosave(examiner, draft, "hip_abduction.left", "6"))
        assert "Choose 0, 1, 2" in page
        assert "Saved " not in page

    @pytest.mark.parametrize("part", ["confounder", "count_as", "modality", "reason"])
    def test_a_made_up_detail_is_refused_and_shown_again(
        self, examiner: Client, draft: Exam, part: str
    ) -> None:
        place = "dorsum_foot.left" if part == "modality" else "hip_abduction.left"
        token = {"modality": "reduced", "reason": "not_tested"}.get(part, "3")
        said = {f"{place}.confounder": "pain"} if part == "count_as" else {}
        answer = autosave(examiner, draft, place, token, **{**said, f"{place}.{part}": "made up"})
        assert answer.status_code == 422
        assert "from the list" in text(answer) or "choose whether" in text(answer)
        assert not Observation.objects.exists()

    def test_the_same_request_again_has_one_effect(self, examiner: Client, draft: Exam) -> None:
        key = uuid4().hex
        for _ in range(3):
            assert autosave(examiner, draft, "onset", "days", key=key).status_code == 200
        assert autosave(examiner, draft, "onset", "weeks", key=key).status_code == 422
        assert AuditEvent.objects.filter(act="answer.saved").count() == 1

    def test_a_typed_number_taken_away_again_is_unset(self, examiner: Client, draft: Exam) -> None:
        assert autosave(examiner, draft, "walk_10m_s", "12,5").status_code == 200
        cleared = autosave(examiner, draft, "walk_10m_s", "", **{"walk_10m_s.revision": "1"})
        assert cleared.status_code == 200
        assert stored(draft, "walk_10m_s") is None

    def test_an_expired_session_is_told_so_and_nothing_is_said_to_be_saved(
        self, examiner: Client, draft: Exam
    ) -> None:
        examiner.logout()
        answer = autosave(examiner, draft, "onset", "days")
        assert answer.status_code == 401
        assert "HX-Redirect" in answer.headers
        assert "password" not in text(answer)
        assert not Observation.objects.exists()

    def test_only_posting_saves(self, examiner: Client, draft: Exam) -> None:
        assert examiner.get(at("answer", draft)).status_code == 405


class TestK10:
    """K-10: record, red flags and signing stand when the engine does not."""

    @pytest.fixture(autouse=True)
    def no_engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("exams.services.localizing.localize", broken)

    def test_the_panel_says_that_there_is_no_localization(self, examiner: Client, draft: Exam) -> None:
        page = text(examiner.get(at("step", draft, "gait")))
        assert "No localization available" in page
        assert "nothing is lost" in page

    def test_answers_are_saved_as_ever(self, examiner: Client, draft: Exam) -> None:
        answer = autosave(examiner, draft, "saddle", "reduced")
        assert answer.status_code == 200
        assert "Red flag recorded" in follows(examiner, draft, "saddle")

    def test_the_exam_can_still_be_signed(self, owner: User, examiner: Client) -> None:
        desk = factories.desk(owner)
        draft = factories.exam(desk, protocol="core")
        for name in core_findings():
            for side in sides_of(CATALOGUE[name]):
                place = f"{name}.{side}" if side else name
                factories.answer(desk, draft, place, "", not_tested=True, reason="time")
        give_impression(desk=desk, exam=draft, site="", text="Not placed by hand", answer_in_view=False)
        said = {"confirmed_patient": "on", "confirmed_side": "left", "password": factories.PASSWORD}
        answer = examiner.post(at("sign", draft), said)
        assert answer["Location"] == at("report", draft)
        draft.refresh_from_db()
        assert draft.state == Exam.State.SUBMITTED
