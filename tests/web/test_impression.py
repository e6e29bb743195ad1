"""The examiner's own impression, and the panel that waits for it where the clinic chose so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent, Clinic
from exams.frame import frame_of
from exams.models import Exam, Opinion
from exams.sheet import sheet_of
from tests import factories

pytestmark = pytest.mark.django_db

WEAK_FOOT = {
    "ankle_dorsiflexion.left": "2",
    "ankle_dorsiflexion.right": "5",
    "hip_abduction.left": "5",
    "hip_abduction.right": "5",
    "gait_pattern": "steppage",
    "ankle_eversion.left": "3",
    "bladder_bowel": "no",
}


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers=WEAK_FOOT)


@pytest.fixture
def hidden(clinic: Clinic, owner: User) -> Exam:
    """An exam of a clinic that shows the ranking only after the examiner's own impression."""
    Clinic.objects.filter(pk=clinic.pk).update(panel_mode=Clinic.PanelMode.AFTER_IMPRESSION)
    return factories.exam(factories.desk(owner), protocol="full", answers=WEAK_FOOT)


def url(exam: Exam) -> str:
    return reverse("exams:impression", args=[exam.pk])


def test_nothing_is_pre_selected_and_a_choice_is_asked_for(examiner: Client, draft: Exam) -> None:
    assert " checked" not in examiner.get(url(draft)).content.decode()
    answer = examiner.post(url(draft), {"text": "Somewhere below the knee"})
    assert answer.status_code == 422
    assert "Somewhere below the knee" in answer.content.decode()
    assert not Opinion.objects.exists()


def test_an_impression_is_kept_with_the_answer_in_view(examiner: Client, draft: Exam, owner: User) -> None:
    answer = examiner.post(url(draft), {"site": "common_fibular", "text": "Leg crossing"})
    assert answer["Location"] == reverse("exams:check", args=[draft.pk])
    opinion = Opinion.objects.get()
    assert (opinion.site, opinion.text, opinion.author) == ("common_fibular", "Leg crossing", owner)
    assert opinion.voice == Opinion.Voice.EXAMINER
    assert opinion.answer_in_view
    assert AuditEvent.objects.filter(act="impression.written").count() == 1


def test_an_impression_can_say_that_it_cannot_place_the_lesion(examiner: Client, draft: Exam) -> None:
    examiner.post(url(draft), {"site": "not_placed", "text": ""})
    assert Opinion.objects.get().site == ""


def test_changing_it_keeps_one_and_saying_the_same_leaves_no_event(examiner: Client, draft: Exam) -> None:
    for site in ("common_fibular", "root_L5", "root_L5"):
        examiner.post(url(draft), {"site": site, "text": ""})
    assert Opinion.objects.get().site == "root_L5"
    assert AuditEvent.objects.filter(act="impression.written").count() == 2


@pytest.mark.parametrize("site", ["elbow", "", "root_L5\x00", "x" * 5000])
def test_a_level_that_does_not_exist_is_refused(examiner: Client, draft: Exam, site: str) -> None:
    assert examiner.post(url(draft), {"site": site, "text": ""}).status_code == 422
    assert not Opinion.objects.exists()


def test_the_open_panel_shows_the_ranking_and_the_next_test(owner: User, draft: Exam) -> None:
    panel = frame_of(factories.desk(owner), sheet_of(draft), "ankle-and-toes").panel
    assert panel.shows_ranking
    assert panel.report is not None
    assert panel.report.ranked
    assert panel.next_here is not None
    assert panel.next_finding is not None
    assert panel.next_here.why
    assert panel.next_here.finding not in {place.partition(".")[0] for place in WEAK_FOOT}
    assert panel.next_url.startswith(f"/exams/{draft.pk}/steps/")


def test_the_ranking_is_absent_until_the_impression_is_written(
    examiner: Client, hidden: Exam, owner: User
) -> None:
    desk = factories.desk(owner)
    panel = frame_of(desk, sheet_of(hidden), "gait").panel
    assert not panel.shows_ranking
    assert panel.report is None
    assert panel.next_here is not None
    assert panel.next_here.why == ""
    page = reverse("exams:step", args=[hidden.pk, "gait"])
    before = examiner.get(page).content.decode()
    assert "most consistent" not in before.lower()
    assert 'class="ranks"' not in before
    assert "rank-1" not in before
    examiner.post(url(hidden), {"site": "common_fibular", "text": ""})
    assert not Opinion.objects.get().answer_in_view
    after = examiner.get(page).content.decode()
    assert 'class="ranks"' in after


def test_neither_an_autosave_nor_the_panel_after_it_lets_the_ranking_slip_out(
    examiner: Client, hidden: Exam
) -> None:
    said = {
        "finding": "toe_walk",
        "side": "left",
        "key": "a-fresh-key",
        "step": "gait",
        "toe_walk.left.token": "able",
    }
    saved = examiner.post(reverse("exams:answer", args=[hidden.pk]), said, headers={"HX-Request": "true"})
    after = examiner.get(
        reverse("exams:live", args=[hidden.pk]) + "?step=gait", headers={"HX-Request": "true"}
    )
    assert saved.status_code == after.status_code == 200
    assert 'id="live"' in after.content.decode()
    for answer in (saved.content.decode(), after.content.decode()):
        assert 'class="ranks"' not in answer
        assert "most consistent" not in answer.lower()


def test_an_impression_changed_after_the_ranking_was_seen_says_so(examiner: Client, hidden: Exam) -> None:
    examiner.post(url(hidden), {"site": "root_L5", "text": ""})
    examiner.post(url(hidden), {"site": "common_fibular", "text": ""})
    assert Opinion.objects.get().answer_in_view


def test_a_signed_exam_takes_no_impression(examiner: Client, draft: Exam) -> None:
    Exam.objects.filter(pk=draft.pk).update(state=Exam.State.SUBMITTED)
    assert examiner.post(url(draft), {"site": "root_L5", "text": ""}).status_code == 409
    assert not Opinion.objects.exists()
