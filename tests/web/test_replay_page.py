"""The replay of a saved exam: moment by moment, for those who may see the answer, from the trail alone."""

from __future__ import annotations

import re
from html import unescape

from django.test import TestCase
from django.urls import reverse

from clinics.models import AuditEvent, SubjectKey
from exams.models import Exam, Observation
from tests import worlds
from tests.people import signed_in
from tests.plugins.flushing import unguarded
from tests.worlds import CANARIES, Place


def address(exam: Exam) -> str:
    return reverse("exams:replay", args=[exam.pk])


class Replay(TestCase):
    """One clinic at work, built once; every test starts from the same exams."""

    here: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = worlds.place(CANARIES[0])

    def setUp(self) -> None:
        self.exam = self.here.exams["countersigned"]
        self.client.force_login(self.here.people["examiner"])

    def words(self, at: str = "") -> str:
        page = self.client.get(address(self.exam), {"at": at} if at else {}).content.decode()
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())

    def test_each_moment_says_what_was_recorded_and_where_it_pointed_then(self) -> None:
        first, last = self.words("1"), self.words()
        count = AuditEvent.objects.filter(
            subject=self.here.patient.pk, act__in=("answer.saved", "answers.not_done")
        )
        assert count.exists()
        assert re.search(r"\b1 of \d+\b", first)
        assert "Ankle dorsiflexion, patient's LEFT Not recorded 2" in first
        assert "Ankle dorsiflexion, patient's RIGHT Not recorded 5" in self.words("2")
        assert "cannot be placed" in first.lower()
        assert re.search(r"\b(\d+) of \1\b", last)
        assert "Red flags:" in last
        assert "Red flags:" not in first

    def test_it_reads_the_trail_and_not_the_rows(self) -> None:
        before = self.words("1")
        with unguarded():
            Observation.objects.filter(exam=self.exam).delete()
        assert self.words("1") == before

    def test_a_moment_past_either_end_is_the_end_and_nonsense_is_the_last(self) -> None:
        assert self.words("0") == self.words("1")
        assert self.words("9999") == self.words("nonsense") == self.words()

    def test_a_draft_is_not_replayed_and_a_blind_supervisor_looks_first(self) -> None:
        answer = self.client.get(address(self.here.exams["draft"]))
        assert answer.status_code == 409
        assert "replayed once its examiner has signed it" in answer.content.decode()
        supervisor = signed_in(self.here.people["supervisor"])
        blind = supervisor.get(address(self.here.exams["submitted"]))
        assert blind.headers["Location"].endswith("/look/")
        assert supervisor.get(address(self.exam)).status_code == 200

    def test_an_erased_patients_exam_says_so(self) -> None:
        SubjectKey.objects.filter(subject=self.here.patient.pk).delete()
        answer = self.client.get(address(self.exam))
        assert answer.status_code == 409
        assert "erased on request" in answer.content.decode()

    def test_I02_a_replay_is_an_event(self) -> None:
        self.words("2")
        last = AuditEvent.objects.filter(clinic=self.here.clinic).latest("sequence")
        assert (last.act, last.subject) == ("exam.replayed", self.here.patient.pk)
