"""What is done to an exam as a whole: amended, added to, voided, handed over, and nothing ever lost."""

from __future__ import annotations

import html

import pytest
from django.test import TestCase
from django.urls import reverse

from clinics.audit import values_of, verify_chain
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Exam, Remark, SignedReport
from exams.services import afterwards
from exams.services.reports import report_of
from exams.services.signing import sign_exam, signature_holds
from exams.services.states import TRANSITIONS, Act
from exams.services.versions import differences
from tests import factories, worlds
from tests.people import signed_in
from tests.worlds import CANARIES, Place

WHY = "The reflex hammer was on the wrong leg."


def page(exam: Exam) -> str:
    return reverse("exams:record", args=[exam.pk])


def state_of(exam: Exam) -> str:
    return Exam.objects.get(pk=exam.pk).state


def kept(exam: Exam) -> tuple[list[object], list[object]]:
    """Return every stored answer and the hash of every stored report."""
    return list(exam.observations.order_by("pk").values()), list(exam.signed_reports.values_list("hash"))


class Record(TestCase):
    """One clinic at work, built once; every test starts from the same exams."""

    here: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = worlds.place(CANARIES[0])

    def setUp(self) -> None:
        self.examiner = signed_in(self.here.people["examiner"])

    def test_S04_an_amendment_opens_the_next_version_and_the_old_one_stands_until_it_is_signed(self) -> None:
        old = self.here.exams["countersigned"]
        stored = {one.pk: (one.hash, bytes(one.pdf)) for one in SignedReport.objects.filter(exam=old)}
        answer = self.examiner.post(page(old), {"act": "amend", "text": WHY}, follow=True)
        new = Exam.objects.get(series=old.series, version=2)
        assert answer.redirect_chain[-1][0] == page(new)
        assert WHY in answer.content.decode()
        assert "No answer differs from version 1." in answer.content.decode()
        assert (new.state, state_of(old)) == ("draft", "countersigned")
        assert report_of(old).stamp == ""
        desk = factories.desk(self.here.people["examiner"])
        factories.answer(desk, new, "hip_abduction.left", "3")
        assert [(one.label, one.before, one.after) for one in differences(old, new)] == [
            ("Hip abduction", "5", "3")
        ]
        assert not new.signed_reports.exists()
        sign_exam(
            desk=desk,
            exam=new,
            password=factories.PASSWORD,
            confirmed_patient=True,
            confirmed_side=new.affected_side,
        )
        assert (state_of(new), state_of(old)) == ("submitted", "superseded")
        old.refresh_from_db()
        assert report_of(old).stamp == "SUPERSEDED by version 2"
        assert {one.pk: (one.hash, bytes(one.pdf)) for one in SignedReport.objects.filter(exam=old)} == stored
        assert all(signature_holds(one) for one in SignedReport.objects.filter(exam=old))
        shown = self.examiner.get(page(new)).content.decode()
        assert "What version 2 changed" in shown
        assert "Superseded" in shown
        assert verify_chain(self.here.clinic) is None

    def test_S04_an_amended_draft_says_why_it_was_opened_and_a_first_version_says_nothing(self) -> None:
        desk = factories.desk(self.here.people["examiner"])
        new = afterwards.amend(desk=desk, exam=self.here.exams["countersigned"], reason=WHY)
        shown = self.examiner.get(reverse("exams:check", args=[new.pk])).content.decode()
        assert f"“{WHY}”" in html.unescape(shown)
        assert "Amended by" in shown
        first = self.examiner.get(reverse("exams:check", args=[self.here.exams["draft"].pk]))
        assert "Amended by" not in first.content.decode()

    def test_S04_one_amendment_at_a_time_and_only_of_a_countersigned_exam(self) -> None:
        desk = factories.desk(self.here.people["examiner"])
        afterwards.amend(desk=desk, exam=self.here.exams["countersigned"], reason=WHY)
        with pytest.raises(Refused, match="A newer version of this exam is open already"):
            afterwards.amend(desk=desk, exam=self.here.exams["countersigned"], reason=WHY)
        for name in ("draft", "submitted", "returned"):
            with pytest.raises(Refused):
                afterwards.amend(desk=desk, exam=self.here.exams[name], reason=WHY)
        assert Remark.objects.filter(kind="amended").count() == 1

    def test_S03_an_addendum_touches_no_finding_no_report_and_no_signature(self) -> None:
        exam = self.here.exams["countersigned"]
        before = (
            list(exam.observations.order_by("pk").values()),
            list(exam.signed_reports.values_list("hash")),
        )
        page_after = self.examiner.post(
            page(exam), {"act": "add", "text": "The MRI came later."}, follow=True
        )
        assert "The MRI came later." in page_after.content.decode()
        assert kept(exam) == before
        assert state_of(exam) == "countersigned"
        report = self.examiner.get(reverse("exams:report", args=[exam.pk])).content.decode()
        assert "The MRI came later." in report
        assert "no signature covers it" in report
        event = AuditEvent.objects.get(act="exam.addendum")
        assert (event.subject, values_of(event)) == (self.here.patient.pk, {"text": "The MRI came later."})
        desk = factories.desk(self.here.people["examiner"])
        with pytest.raises(Refused, match="only to a signed report"):
            afterwards.add_later(desk=desk, exam=self.here.exams["draft"], text="Too early")

    def test_a_void_exam_is_kept_marked_everywhere_and_never_changes_again(self) -> None:
        desk = factories.desk(self.here.people["examiner"])
        for name in ("draft", "submitted", "countersigned"):
            exam = self.here.exams[name]
            answers = exam.observations.count()
            done = self.examiner.post(page(exam), {"act": "void", "text": "Wrong patient"}, follow=True)
            assert "This exam is void now." in done.content.decode()
            exam.refresh_from_db()
            assert (exam.state, exam.observations.count()) == ("void", answers)
            assert report_of(exam).stamp == "VOID"
            with pytest.raises(Refused, match="void"):
                factories.answer(desk, exam, "hip_abduction.right", "2")
        patient = self.examiner.get(reverse("exams:patient", args=[self.here.patient.pk])).content.decode()
        assert patient.count("Void") == 3
        assert all(not TRANSITIONS[Exam.State.VOID].get(act) for act in (Act.CHANGE, Act.SIGN, Act.AMEND))

    def test_a_draft_handed_over_is_the_colleagues_and_keeps_who_recorded_what(self) -> None:
        colleague, exam = self.here.people["supervisor"], self.here.exams["draft"]
        authors = set(exam.observations.values_list("recorded_by", flat=True))
        given = {"act": "hand_over", "text": "On leave from tomorrow", "to": str(colleague.pk)}
        done = self.examiner.post(page(exam), given, follow=True)
        assert "The draft is handed over." in done.content.decode()
        exam.refresh_from_db()
        assert exam.examiner == colleague
        assert set(exam.observations.values_list("recorded_by", flat=True)) == authors
        step = reverse("exams:step", args=[exam.pk, "gait"])
        assert signed_in(colleague).get(step).status_code == 200
        assert self.examiner.get(step).status_code == 403
        event = AuditEvent.objects.get(act="exam.handed_over")
        assert values_of(event) == {
            "text": "On leave from tomorrow",
            "from": self.here.people["examiner"].email,
            "to": colleague.email,
        }

    def test_a_draft_goes_only_to_somebody_who_examines_here(self) -> None:
        exam = self.here.exams["draft"]
        stranger = factories.person(factories.clinic("Hillside"), name="Sue Stranger")
        for nobody in (stranger, self.here.people["auditor"], self.here.people["examiner"]):
            answer = self.examiner.post(page(exam), {"act": "hand_over", "text": WHY, "to": str(nobody.pk)})
            assert answer.status_code == 422
            assert "Choose a colleague from the list." in answer.content.decode()
        assert (
            "Choose to whom."
            in self.examiner.post(page(exam), {"act": "hand_over", "text": WHY}).content.decode()
        )
        exam.refresh_from_db()
        assert exam.examiner == self.here.people["examiner"]

    def test_nothing_is_done_without_a_reason_or_by_somebody_else(self) -> None:
        exam = self.here.exams["countersigned"]
        student = signed_in(self.here.people["student"])
        assert "Amend this exam" not in student.get(page(exam)).content.decode()
        for act in ("amend", "add", "void"):
            refused = self.examiner.post(page(exam), {"act": act, "text": "  "})
            assert refused.status_code == 422
            assert "Write why. Nothing was changed." in refused.content.decode()
            answer = student.post(page(exam), {"act": act, "text": WHY})
            assert answer.status_code == 403
            assert "Only the examiner of this exam or a supervisor" in answer.content.decode()
        assert not Remark.objects.exists()
        assert state_of(exam) == "countersigned"

    def test_a_blind_look_comes_before_what_the_record_tells(self) -> None:
        supervisor = signed_in(self.here.people["supervisor"])
        new = self.here.exams["reopened"]
        desk = factories.desk(self.here.people["examiner"])
        factories.answer(desk, new, "hip_abduction.left", "1")
        sign_exam(
            desk=desk,
            exam=new,
            password=factories.PASSWORD,
            confirmed_patient=True,
            confirmed_side=new.affected_side,
        )
        assert "Hip abduction" not in supervisor.get(page(new)).content.decode()
