"""What follows from an answer is asked for apart from its save: complete, scoped, in the background."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics import sessions
from clinics.models import AuditEvent
from exams.models import Exam
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HX = {"HX-Request": "true"}
PARTS = ("red-flags", "rail", "live-bar", "live")
# Session, person, desk; the exam and its answer read; both, the event and the key written; nothing
# else. What the previous exam found is read where the page shows it beside the field.
QUERIES_OF_A_SAVE = 13


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers={"saddle": "normal"})


@pytest.fixture
def examiner(owner: User, sign_in: SignIn) -> Client:
    return sign_in(owner)


def address(exam: Exam, step: str = "saddle") -> str:
    return f"{reverse('exams:live', args=[exam.pk])}?step={step}"


def save(client: Client, exam: Exam, token: str, revision: int = 1, **more: str) -> str:
    said = {
        "finding": "saddle",
        "side": "",
        "step": "saddle",
        "key": uuid4().hex,
        "saddle.token": token,
        "saddle.revision": str(revision),
        **more,
    }
    answer = client.post(reverse("exams:answer", args=[exam.pk]), said, headers=HX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_save_says_what_became_of_the_answer_and_nothing_that_follows_from_it(
    examiner: Client, draft: Exam
) -> None:
    told = save(examiner, draft, "reduced")
    assert 'name="saddle.revision"\n         value="2"' in told
    assert 'data-revision="2"' in told
    assert "Saved" in told
    assert re.findall(r'id="([^"]+)"', told) == ["saddle-status", "save-state"]


def test_everything_that_follows_is_answered_at_the_records_revision(examiner: Client, draft: Exam) -> None:
    before = examiner.get(address(draft), headers=HX).content.decode()
    save(examiner, draft, "reduced")
    after = examiner.get(address(draft), headers=HX).content.decode()
    for part in PARTS:
        assert after.count(f'id="{part}"') == 1, part
    assert ('data-revision="1"' in before, 'data-revision="2"' in after) == (True, True)
    assert "Saddle area reduced." not in before
    assert "Saddle area reduced." in after
    assert 'aria-current="step"' in after
    assert 'id="strip-count-supine"' in after
    assert 'id="strip-count-side_lying"' not in after


def test_a_red_flag_is_answered_although_the_engine_fails(
    examiner: Client, draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the engine is gone")

    monkeypatch.setattr("exams.services.localizing.localize", broken)
    save(examiner, draft, "reduced")
    after = examiner.get(address(draft), headers=HX).content.decode()
    assert "Saddle area reduced." in after
    assert "No localization available" in after
    assert 'data-revision="2"' in after


def test_a_save_does_not_run_the_engine(
    examiner: Client, draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("a save asked the engine")

    for name in ("localize", "red_flags", "pathway"):
        monkeypatch.setattr(f"exams.services.localizing.{name}", asked)
    monkeypatch.setattr("exams.frame.localize_exam", asked)
    save(examiner, draft, "reduced")


def test_a_save_costs_thirteen_statements_and_no_more(examiner: Client, draft: Exam) -> None:
    save(examiner, draft, "reduced")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        save(examiner, draft, "normal", revision=2)
    statements = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) == QUERIES_OF_A_SAVE, statements


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("stranger", 404)])
def test_only_the_examiner_of_the_draft_is_answered(
    request: pytest.FixtureRequest, sign_in: SignIn, draft: Exam, who: str, status: int
) -> None:
    answer = sign_in(request.getfixturevalue(who)).get(address(draft), headers=HX)
    assert answer.status_code == status
    assert b'id="live"' not in answer.content


def test_a_signed_exam_and_an_unknown_step_are_refused(examiner: Client, draft: Exam) -> None:
    assert examiner.get(address(draft, "palmistry"), headers=HX).status_code == 404
    Exam.objects.update(state=Exam.State.SUBMITTED)
    assert examiner.get(address(draft), headers=HX).status_code == 409


def test_opened_as_a_page_it_leads_to_the_exam_whose_opening_is_recorded(
    examiner: Client, draft: Exam
) -> None:
    answer = examiner.get(address(draft))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("exams:exam", args=[draft.pk]))
    before = AuditEvent.objects.count()
    examiner.get(address(draft), headers=HX)
    assert AuditEvent.objects.count() == before
    examiner.get(address(draft), follow=True)
    assert AuditEvent.objects.latest("sequence").act == "exam.viewed"


def test_A04_asking_in_the_background_keeps_no_session_alive(examiner: Client, draft: Exam) -> None:
    examiner.get(reverse("exams:home"))
    session = examiner.session
    session[sessions.LAST_ACT] = idle_since = int(time.time()) - 600
    session.save()
    background = {**HX, sessions.BACKGROUND_HEADER: "1"}
    assert examiner.get(address(draft), headers=background).status_code == 200
    assert examiner.session[sessions.LAST_ACT] == idle_since
    save(examiner, draft, "reduced")
    assert examiner.session[sessions.LAST_ACT] > idle_since
