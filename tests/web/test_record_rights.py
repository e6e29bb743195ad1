"""Who may amend, add to, void or hand over an exam, asked of the service itself and not only of its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client, TestCase
from django.urls import reverse

from clinics.audit import values_of
from clinics.desk import Desk
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Exam, Remark
from exams.services import afterwards
from exams.services.versions import differences
from tests import factories, worlds
from tests.worlds import CANARIES, Place

WHY = "The reflex hammer was on the wrong leg."
DECISIONS: tuple[Callable[[Desk, Exam, str], object], ...] = (
    lambda desk, exam, why: afterwards.amend(desk=desk, exam=exam, reason=why),
    lambda desk, exam, why: afterwards.add_later(desk=desk, exam=exam, text=why),
    lambda desk, exam, why: afterwards.void(desk=desk, exam=exam, reason=why),
)


class Rights(TestCase):
    """Two clinics at work, built once; every test starts from the same exams."""

    here: Place
    there: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here, cls.there = (worlds.place(canary) for canary in CANARIES[:2])

    def desk(self, role: str) -> Desk:
        return factories.desk(self.here.people[role])

    def hand_over(self, role: str, name: str, to: str) -> None:
        afterwards.hand_over(
            desk=self.desk(role), exam=self.here.exams[name], to=self.here.people[to], reason=WHY
        )

    def test_a_supervisor_decides_on_a_colleagues_exam_and_each_act_is_an_event_with_its_reason(self) -> None:
        exam = self.here.exams["countersigned"]
        for act in reversed(DECISIONS[:2]):
            act(self.desk("supervisor"), exam, WHY)
        afterwards.void(desk=self.desk("supervisor"), exam=self.here.exams["submitted"], reason=WHY)
        kinds = {one.kind: (one.by, one.text) for one in Remark.objects.filter(clinic=self.here.clinic)}
        said = (self.here.people["supervisor"], WHY)
        assert kinds == {"addendum": said, "amended": said, "voided": said}
        for name in ("exam.addendum", "exam.amended", "exam.voided"):
            event = AuditEvent.objects.get(clinic=self.here.clinic, act=name)
            assert (event.subject, values_of(event)) == (self.here.patient.pk, {"text": WHY})

    def test_the_next_version_takes_over_what_was_done_about_red_flags_with_its_author_and_time(self) -> None:
        said = ("flag", "told", "told_at", "action", "by", "at")
        old, new = (
            set(self.here.exams[name].red_flag_actions.values_list(*said))
            for name in ("returned", "reopened")
        )
        assert old == new != set()

    def test_a_difference_names_the_side_and_the_record_shows_only_its_own_exams_remarks(self) -> None:
        exam, examiner = self.here.exams["reopened"], self.desk("examiner")
        factories.answer(examiner, exam, "hip_abduction.right", "3")
        changes = differences(self.here.exams["returned"], exam)
        assert [(one.side, one.before, one.after) for one in changes] == [("patient's RIGHT", "5", "3")]
        afterwards.add_later(desk=examiner, exam=self.here.exams["submitted"], text="About the other exam.")
        client = Client()
        client.force_login(self.here.people["examiner"])
        page = client.get(reverse("exams:record", args=[exam.pk])).content.decode()
        assert "Hip abduction" in page
        assert "About the other exam." not in page
        last = AuditEvent.objects.filter(clinic=self.here.clinic).latest("sequence")
        assert (last.act, last.object_id) == ("record.viewed", str(exam.pk))

    def test_nothing_is_decided_without_a_reason(self) -> None:
        for act in DECISIONS:
            for why in ("", "  ", "x" * 2001):
                with pytest.raises(Refused, match="write why"):
                    act(self.desk("examiner"), self.here.exams["countersigned"], why)
        assert not Remark.objects.exists()

    def test_Z02_another_clinics_exam_is_not_there(self) -> None:
        for act in DECISIONS:
            with pytest.raises(Exam.DoesNotExist):
                act(self.desk("supervisor"), self.there.exams["countersigned"], WHY)

    def test_only_the_examiner_hands_over_and_only_a_draft(self) -> None:
        with pytest.raises(Refused, match="Only the examiner of this exam"):
            self.hand_over("supervisor", "draft", "examiner")
        for name in ("submitted", "countersigned", "returned"):
            with pytest.raises(Refused, match="kept"):
                self.hand_over("examiner", name, "supervisor")
        for nobody in ("examiner", "auditor"):
            with pytest.raises(Refused, match="somebody else who examines in this clinic"):
                self.hand_over("examiner", "draft", nobody)
        stranger = self.there.people["examiner"]
        with pytest.raises(Refused, match="somebody else who examines in this clinic"):
            afterwards.hand_over(
                desk=self.desk("examiner"), exam=self.here.exams["draft"], to=stranger, reason=WHY
            )
        gone = self.here.people["supervisor"]
        User.objects.filter(pk=gone.pk).update(is_active=False)
        with pytest.raises(Refused, match="somebody else who examines in this clinic"):
            self.hand_over("examiner", "draft", "supervisor")
        examiners = {one.examiner for one in Exam.objects.of(self.here.clinic)}
        assert examiners == {self.here.people["examiner"]}
        assert not AuditEvent.objects.filter(act="exam.handed_over").exists()
