"""A question about a single value: asked, answered by a new value beside the old, closed; or verified."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from clinics.audit import values_of, verify_chain
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Decision, Exam, QuestionEntry
from exams.services import questions
from exams.services.asked import open_questions, unsettled_questions
from exams.services.review import return_exam
from exams.services.signing import sign_exam
from tests import factories, worlds
from tests.people import signed_in
from tests.worlds import CANARIES, Place

PLACE = ("hip_abduction", "left")
WHY = "Was the pelvis held?"


def address(exam: Exam) -> str:
    return reverse("exams:questions", args=[exam.pk])


class Questions(TestCase):
    """One clinic at work, built once; every test starts from the same exams."""

    here: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = worlds.place(CANARIES[0])

    def setUp(self) -> None:
        self.exam = self.here.exams["looked"]
        self.supervisor = factories.desk(self.here.people["supervisor"])
        self.examiner = factories.desk(self.here.people["examiner"])

    def asked_and_returned(self) -> tuple[QuestionEntry, Exam]:
        asked = questions.ask(desk=self.supervisor, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=WHY)
        return asked, return_exam(desk=self.supervisor, exam=self.exam, comment="See the question.")

    def decide(self) -> Any:
        """Send the supervisor's agreement with a comment."""
        said = {"outcome": "agree", "comment": "Seen by me.", "password": factories.PASSWORD}
        supervisor = signed_in(self.here.people["supervisor"])
        return supervisor.post(reverse("exams:review_decide", args=[self.exam.pk]), said)

    def test_nobody_countersigns_while_a_question_is_open_and_the_comment_stays(self) -> None:
        asked = questions.ask(desk=self.supervisor, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=WHY)
        refused = self.decide()
        page = refused.content.decode()
        assert refused.status_code == 422
        assert "Not countersigned: a question about a single value is still open." in page
        assert "1 question about single values is still open." in page
        assert "Seen by me." in page
        assert '<button class="btn btn-primary btn-lg" type="submit">Countersign</button>' not in page
        self.exam.refresh_from_db()
        assert self.exam.state == Exam.State.SUBMITTED
        assert not Decision.objects.filter(exam=self.exam).exists()
        questions.close(desk=self.supervisor, exam=self.exam, thread=asked.thread)
        assert self.decide().status_code == 302
        self.exam.refresh_from_db()
        assert self.exam.state == Exam.State.COUNTERSIGNED

    def test_an_answer_waits_for_the_supervisor_to_close_the_question(self) -> None:
        asked, draft = self.asked_and_returned()
        questions.answer(
            desk=self.examiner, exam=draft, thread=asked.thread, category="as_recorded", text="Yes."
        )
        assert unsettled_questions(draft) == 1
        assert open_questions(draft.clinic, [draft.series])[draft.series] == 0

    def test_a_question_is_answered_by_a_new_value_beside_the_old_and_closed(self) -> None:
        supervisor = signed_in(self.here.people["supervisor"])
        examiner = signed_in(self.here.people["examiner"])
        said = {"act": "ask", "place": "hip_abduction.left", "text": WHY}
        assert (
            "Waits for the examiner"
            in supervisor.post(address(self.exam), said, follow=True).content.decode()
        )
        draft = return_exam(desk=self.supervisor, exam=self.exam, comment="See the question.")
        assert "1 question about single values" in examiner.get("/").content.decode()
        page = examiner.get(address(draft)).content.decode()
        assert WHY in page
        assert "Recorded then: <b" in page
        assert f"/exams/{draft.pk}/steps/hip-abduction/" in page
        thread = str(QuestionEntry.objects.get().thread)
        again = {"act": "answer", "thread": thread, "category": "tested_again", "text": "Weak now"}
        refused = examiner.post(address(draft), again)
        assert refused.status_code == 422
        assert "the value still reads as it did" in refused.content.decode()
        factories.answer(self.examiner, draft, "hip_abduction.left", "4")
        assert "Answer again" not in page
        after = examiner.post(address(draft), again, follow=True).content.decode()
        assert after.index('<summary class="strong">Answer again') < after.index('value="tested_again"')
        done = re.sub(r"<[^>]*>", "", after)
        assert "Recorded then: 5 · now: 4" in done
        assert "about single values" not in examiner.get("/").content.decode()
        assert "Answered: tested again: the new value is recorded" in done
        sign_exam(
            desk=self.examiner,
            exam=draft,
            password=factories.PASSWORD,
            confirmed_patient=True,
            confirmed_side=draft.affected_side,
        )
        closed = supervisor.post(address(draft), {"act": "close", "thread": thread}, follow=True)
        assert "Closed" in closed.content.decode()
        assert [one.kind for one in QuestionEntry.objects.order_by("at")] == ["asked", "answered", "closed"]
        assert [one.value for one in QuestionEntry.objects.order_by("at")] == ["5", "4", "4"]
        assert verify_chain(self.here.clinic) is None

    def test_every_act_is_an_event_with_what_was_said(self) -> None:
        asked, draft = self.asked_and_returned()
        questions.answer(
            desk=self.examiner, exam=draft, thread=asked.thread, category="as_recorded", text="Held it"
        )
        event = AuditEvent.objects.get(act="question.answered")
        assert event.subject == self.here.patient.pk
        assert values_of(event) == {
            "thread": str(asked.thread),
            "place": list(PLACE),
            "category": "as_recorded",
            "text": "Held it",
            "value": "5",
        }

    def test_a_value_is_verified_without_a_question(self) -> None:
        page = signed_in(self.here.people["supervisor"]).post(
            address(self.exam), {"act": "verify", "place": "hip_abduction.left"}, follow=True
        )
        assert "Verified" in page.content.decode()
        (thread,) = questions.threads_of(self.exam)
        assert (thread.state, thread.is_open, thread.then) == ("verified", False, "5")

    def test_only_a_supervisor_who_took_no_part_asks_and_only_of_a_submitted_exam(self) -> None:
        for desk in (self.examiner, factories.desk(self.here.people["student"])):
            with pytest.raises(Refused, match="Only a supervisor who took no part"):
                questions.ask(desk=desk, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=WHY)
        for name in ("draft", "countersigned", "returned"):
            with pytest.raises(Refused, match="while the exam waits for its review"):
                questions.ask(
                    desk=self.supervisor,
                    exam=self.here.exams[name],
                    finding=PLACE[0],
                    side=PLACE[1],
                    text=WHY,
                )
        assert not QuestionEntry.objects.exists()

    def test_what_cannot_be_asked_or_answered_is_refused_in_words(self) -> None:
        for place in (("nothing", ""), ("hip_abduction", ""), ("gait_pattern", "left")):
            with pytest.raises(Refused, match="choose a value from the list"):
                questions.ask(desk=self.supervisor, exam=self.exam, finding=place[0], side=place[1], text=WHY)
        with pytest.raises(Refused, match="write it in 1 to 500"):
            questions.ask(desk=self.supervisor, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=" ")
        asked, draft = self.asked_and_returned()
        with pytest.raises(Refused, match="choose how you answer"):
            questions.answer(desk=self.examiner, exam=draft, thread=asked.thread, category="", text="")
        with pytest.raises(Refused, match="There is no such question"):
            questions.answer(
                desk=self.examiner, exam=draft, thread=self.exam.pk, category="as_recorded", text=""
            )
        with pytest.raises(Refused, match="Only the examiner"):
            questions.answer(
                desk=self.supervisor, exam=draft, thread=asked.thread, category="as_recorded", text=""
            )

    def test_a_slip_needs_the_mended_value_and_a_signed_version_takes_no_answer(self) -> None:
        asked, draft = self.asked_and_returned()

        def answered(category: str) -> QuestionEntry:
            return questions.answer(
                desk=self.examiner, exam=draft, thread=asked.thread, category=category, text=""
            )

        for category in ("slip", "tested_again"):
            with pytest.raises(Refused, match="the value still reads as it did"):
                answered(category)
        Exam.objects.filter(pk=draft.pk).update(state="submitted")
        with pytest.raises(Refused, match="signed and waits for its supervisor"):
            answered("as_recorded")
        assert QuestionEntry.objects.count() == 1

    def test_open_questions_stand_first_and_only_those_that_wait_for_the_examiner_are_counted(self) -> None:
        clinic, series = self.here.clinic, [self.exam.series]
        questions.verify(desk=self.supervisor, exam=self.exam, finding="gait_pattern", side="")
        place = {"finding": PLACE[0], "side": PLACE[1]}
        asked = questions.ask(desk=self.supervisor, exam=self.exam, text=WHY, **place)
        assert [one.state for one in questions.threads_of(self.exam)] == ["asked", "verified"]
        assert questions.threads_of(self.here.exams["submitted"]) == ()
        assert open_questions(clinic, series) == {self.exam.series: 1}
        questions.close(desk=self.supervisor, exam=self.exam, thread=asked.thread)
        assert open_questions(clinic, series) == {}

    def test_who_may_neither_ask_nor_answer_sees_no_form_and_each_look_is_an_event(self) -> None:
        _, draft = self.asked_and_returned()
        for role, exam in (
            ("student", draft),
            ("student", self.here.exams["submitted"]),
            ("examiner", self.here.exams["submitted"]),
        ):
            page = signed_in(self.here.people[role]).get(address(exam)).content.decode()
            assert 'name="act" value="' not in page, role
            last = AuditEvent.objects.filter(clinic=self.here.clinic).latest("sequence")
            assert (last.act, last.object_id) == ("questions.viewed", str(exam.pk))

    def test_a_closed_question_stays_closed(self) -> None:
        asked = questions.ask(desk=self.supervisor, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=WHY)
        questions.close(desk=self.supervisor, exam=self.exam, thread=asked.thread)
        with pytest.raises(Refused, match="closed already"):
            questions.close(desk=self.supervisor, exam=self.exam, thread=asked.thread)

    def test_a_question_of_another_exam_is_not_found(self) -> None:
        asked = questions.ask(desk=self.supervisor, exam=self.exam, finding=PLACE[0], side=PLACE[1], text=WHY)
        with pytest.raises(Refused, match="There is no such question"):
            questions.close(desk=self.supervisor, exam=self.here.exams["submitted"], thread=asked.thread)
