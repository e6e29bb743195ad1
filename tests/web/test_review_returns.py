"""Returning keeps the signed version and opens the next one as a draft of the same examiner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.audit import values_of
from clinics.models import AuditEvent
from exams.models import Exam, Observation, Opinion, RedFlagAction, SignedReport
from exams.services.flags import meet_flags
from exams.services.localizing import localize_exam
from exams.services.reports import report_of
from exams.services.review import return_exam
from exams.services.signing import sign_exam, signature_holds
from localization import PHRASES
from tests import factories
from tests.web.reported import fibular_exam, ready_to_sign
from tests.web.reviewed import THOUGHT, address, looked_at, submitted_exam

SignIn = Callable[[User], Client]
COMMENT = "Hip abduction, LEFT: standing or side-lying?"
SAID = ("finding", "side", "token", "not_tested", "reason", "confounder", "count_as", "note", "revision")


@pytest.fixture
def looked(owner: User, supervisor: User) -> Exam:
    return looked_at(supervisor, submitted_exam(owner))


@pytest.fixture
def draft(looked: Exam, supervisor: User) -> Exam:
    return return_exam(desk=factories.desk(supervisor), exam=looked, comment=COMMENT)


def said(exam: Exam) -> list[tuple[object, ...]]:
    return list(exam.observations.order_by("finding", "side").values_list(*SAID))


def test_a_returned_version_keeps_values_and_signature_and_the_next_is_a_draft(
    looked: Exam, owner: User, draft: Exam
) -> None:
    looked.refresh_from_db()
    assert (looked.state, looked.version, looked.decision.comment) == (Exam.State.RETURNED, 1, COMMENT)
    assert signature_holds(SignedReport.objects.get(exam=looked))
    assert (draft.state, draft.version, draft.examiner) == (Exam.State.DRAFT, 2, owner)
    assert (draft.series, draft.patient, draft.affected_side) == (looked.series, looked.patient, "left")
    assert said(draft) == said(looked)
    assert not draft.signed_reports.exists()
    assert draft.submitted is None


def test_acknowledgements_and_the_impression_go_along_with_their_author_and_time(
    owner: User, supervisor: User
) -> None:
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk, bladder_bowel="yes"), THOUGHT)
    raised = [flag.id for flag in localize_exam(exam).red_flags]
    meet_flags(
        desk=desk,
        exam=exam,
        flags=raised,
        told="ambulance",
        action="Telephoned at once",
        clock=time(0, 0),
        key=uuid4(),
    )
    sign_exam(
        desk=desk, exam=exam, password=factories.PASSWORD, confirmed_patient=True, confirmed_side="left"
    )
    looked_at(supervisor, exam)
    draft = return_exam(desk=factories.desk(supervisor), exam=exam, comment=COMMENT)
    old, new = (
        [
            (action.flag, action.told, action.told_at, action.action, action.by, action.at)
            for action in one.red_flag_actions.all()
        ]
        for one in (exam, draft)
    )
    assert old
    assert new == old
    assert RedFlagAction.objects.count() == 2 * len(old)
    impression = draft.opinions.get()
    assert (impression.voice, impression.text, impression.author) == ("examiner", THOUGHT, owner)
    assert exam.opinions.filter(voice=Opinion.Voice.SUPERVISOR).count() == 1


def test_changing_the_draft_leaves_the_returned_version_as_it_was(
    looked: Exam, owner: User, draft: Exam
) -> None:
    before = said(looked)
    factories.answer(factories.desk(owner), draft, "hip_abduction.left", "4")
    assert said(looked) == before
    assert draft.observations.get(finding="hip_abduction", side="left").token == "4"
    assert signature_holds(SignedReport.objects.get(exam=looked))


def test_the_examiner_finds_it_at_home_and_sends_it_again(
    looked: Exam, owner: User, supervisor: User, draft: Exam, sign_in: SignIn
) -> None:
    page = sign_in(owner).get("/").content.decode()
    waiting, _, rest = page.partition("Open exams")
    assert COMMENT in waiting
    assert "Simon Supervisor" in waiting
    assert address("exam", draft) in waiting
    assert address("exam", draft) not in rest.partition("Today")[0]
    desk = factories.desk(owner)
    sign_exam(
        desk=desk, exam=draft, password=factories.PASSWORD, confirmed_patient=True, confirmed_side="left"
    )
    looked.refresh_from_db()
    draft.refresh_from_db()
    assert (looked.state, draft.state) == (Exam.State.SUPERSEDED, Exam.State.SUBMITTED)
    queue = sign_in(supervisor).get("/reviews/").content.decode()
    assert address("review", draft) in queue
    assert "version 2" in queue
    assert address("review", looked) not in queue
    assert COMMENT not in sign_in(owner).get("/").content.decode()


def test_the_check_page_says_what_came_back_and_a_first_version_says_nothing(
    owner: User, draft: Exam, sign_in: SignIn
) -> None:
    shown = sign_in(owner).get(f"/exams/{draft.pk}/check/").content.decode()
    assert "Returned by Simon Supervisor" in shown
    assert "Hip abduction, LEFT: standing or side-lying?" in shown
    other = factories.exam(factories.desk(owner))
    assert "Returned by" not in sign_in(owner).get(f"/exams/{other.pk}/check/").content.decode()


def test_S05_a_draft_takes_no_versions_place(
    owner: User, supervisor: User, looked: Exam, draft: Exam
) -> None:
    sign_exam(
        desk=factories.desk(owner),
        exam=draft,
        password=factories.PASSWORD,
        confirmed_patient=True,
        confirmed_side="left",
    )
    third = return_exam(
        desk=factories.desk(supervisor), exam=looked_at(supervisor, draft), comment="And the knee?"
    )
    looked.refresh_from_db()
    assert (looked.version, draft.version, third.version) == (1, 2, 3)
    assert report_of(looked).stamp == PHRASES["superseded"].format(n=2)
    assert report_of(looked).newest == draft


def test_a_new_version_wants_a_new_look(owner: User, supervisor: User, draft: Exam, sign_in: SignIn) -> None:
    desk = factories.desk(owner)
    sign_exam(
        desk=desk, exam=draft, password=factories.PASSWORD, confirmed_patient=True, confirmed_side="left"
    )
    response = sign_in(supervisor).get(address("review", draft))
    assert response.headers["Location"] == address("review_look", draft)


@pytest.mark.parametrize("comment", ["", "  ", "x" * 2001])
def test_a_return_without_words_or_with_too_many_is_refused(
    looked: Exam, supervisor: User, sign_in: SignIn, comment: str
) -> None:
    response = sign_in(supervisor).post(address("review_return", looked), {"comment": comment})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    looked.refresh_from_db()
    assert looked.state == Exam.State.SUBMITTED
    assert Exam.objects.count() == 1


def test_a_return_is_one_step_or_none(
    looked: Exam, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("exams.services.versions.copy_answers", fails)
    events = AuditEvent.objects.count()
    with pytest.raises(RuntimeError):
        return_exam(desk=factories.desk(supervisor), exam=looked, comment=COMMENT)
    looked.refresh_from_db()
    assert looked.state == Exam.State.SUBMITTED
    assert (Exam.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_the_trail_tells_the_return_and_every_answer_the_draft_began_with(draft: Exam) -> None:
    event = AuditEvent.objects.get(act="exam.reopened", object_id=str(draft.pk))
    values = values_of(event)
    assert values is not None
    answers = values["answers"]
    assert isinstance(answers, list)
    assert len(answers) == Observation.objects.filter(exam=draft).count()
