"""The plan of an exam: tests opened beyond the protocol, hidden questions refused, widening."""

from __future__ import annotations

import html
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
from clinics.refusals import Refused
from exams.answer import Answer, Rejected
from exams.models import Exam, Observation
from exams.services.answers import StepRefused, save_answer, save_step
from exams.services.checking import open_answers
from exams.services.exams import widen_exam
from exams.services.plan import open_finding
from exams.services.signing import draft_document, mark_rest_not_done
from exams.sheet import sheet_of
from exams.steps import CORE_TESTS
from localization import red_flag_questions
from tests import factories
from tests.web.reported import fibular_exam

pytestmark = pytest.mark.django_db

HIDDEN = "ankle_inversion"


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture(params=["core", "shortest"])
def short(owner: User, request: pytest.FixtureRequest) -> Exam:
    return factories.exam(factories.desk(owner), protocol=request.param)


def at(name: str, exam: Exam, *more: str) -> str:
    return reverse(f"exams:{name}", args=[exam.pk, *more])


def words(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def asked(exam: Exam) -> frozenset[str]:
    exam.refresh_from_db()
    return sheet_of(exam).finding_ids


class TestOpening:
    def test_go_opens_the_test_with_one_event_and_leads_to_its_row(
        self, examiner: Client, short: Exam
    ) -> None:
        answer = examiner.post(at("open", short), {"finding": HIDDEN})
        assert answer["Location"] == at("step", short, "ankle-and-toes") + "#ankle_inversion-left"
        page = examiner.get(at("step", short, "ankle-and-toes")).content.decode()
        assert "ankle_inversion.left.token" in page
        assert "toe_flexion.left.token" not in page
        short.refresh_from_db()
        assert (HIDDEN, "left") in {(item.finding, item.side) for item in open_answers(short)}
        (event,) = AuditEvent.objects.filter(act="exam.opened")
        assert values_of(event) == {"findings": [HIDDEN]}

    def test_opening_twice_or_what_is_asked_anyway_changes_nothing(
        self, examiner: Client, short: Exam
    ) -> None:
        for finding in (HIDDEN, HIDDEN, "ankle_dorsiflexion"):
            assert examiner.post(at("open", short), {"finding": finding}).status_code == 302
        short.refresh_from_db()
        assert short.opened == [HIDDEN]
        assert AuditEvent.objects.filter(act="exam.opened").count() == 1

    @pytest.mark.parametrize("finding", ["", "age", "nonsense", "\x00", "a" * 3000])
    def test_a_made_up_test_is_refused_with_a_sentence(
        self, examiner: Client, short: Exam, finding: str
    ) -> None:
        answer = examiner.post(at("open", short), {"finding": finding})
        assert answer.status_code == 409
        for said in ("the exam has no such test", "Everything recorded is kept", "choose a test"):
            assert said in words(answer)
        assert examiner.get(at("open", short), {"finding": finding}).status_code == 404
        short.refresh_from_db()
        assert short.opened == []

    def test_a_link_asks_first_and_opens_nothing(self, examiner: Client, short: Exam) -> None:
        answer = examiner.get(at("open", short), {"finding": HIDDEN})
        assert answer.status_code == 200
        assert "Open ankle inversion?" in words(answer)
        assert "Lindqvist" in words(answer)
        assert HIDDEN not in asked(short)

    def test_a_link_to_what_is_asked_leads_there(self, examiner: Client, short: Exam) -> None:
        answer = examiner.get(at("open", short), {"finding": "ankle_dorsiflexion"})
        assert answer["Location"] == at("step", short, "ankle-and-toes") + "#ankle_dorsiflexion-left"

    def test_an_address_opens_nothing_by_itself(self, examiner: Client, short: Exam) -> None:
        assert examiner.get(at("step", short, "sensation"), {"also": "sole"}).status_code == 404
        page = examiner.get(at("step", short, "ankle-and-toes"), {"also": HIDDEN}).content.decode()
        assert f"{HIDDEN}.left.token" not in page

    def test_the_panel_opens_with_a_form_beyond_the_plan_and_links_within_it(
        self, owner: User, examiner: Client
    ) -> None:
        exam = factories.exam(
            factories.desk(owner),
            protocol="core",
            answers={
                "ankle_dorsiflexion.left": "2",
                "gait_pattern": "steppage",
                "hip_abduction.left": "5",
                "trendelenburg_sign.left": "negative",
                "heel_walk.left": "unable",
            },
        )
        page = examiner.get(at("step", exam, "ankle-and-toes")).content.decode()
        form = re.search(rf'<form[^>]*action="{at("open", exam)}".*?</form>', page, re.DOTALL)
        assert form is not None
        assert "csrfmiddlewaretoken" in form[0]
        named = re.findall(r'name="finding" value="(\w+)"', form[0])
        assert set(named).isdisjoint(asked(exam))
        examiner.post(at("open", exam), {"finding": named[0]})
        page = examiner.get(at("step", exam, "ankle-and-toes")).content.decode()
        assert at("open", exam) not in page.partition('class="nextbox"')[2]
        assert re.search(rf'id="live-go"\s+href="[^"]+#{named[0]}', page)

    def test_a_signed_exam_opens_nothing(self, examiner: Client, short: Exam) -> None:
        Exam.objects.update(state=Exam.State.SUBMITTED)
        assert examiner.post(at("open", short), {"finding": HIDDEN}).status_code == 409
        short.refresh_from_db()
        assert short.opened == []

    def test_a_colleague_opens_nothing(self, colleague: User, short: Exam) -> None:
        with pytest.raises(Refused):
            open_finding(desk=factories.desk(colleague), exam=short, finding=HIDDEN)


class TestHiddenQuestions:
    def test_an_answer_to_a_hidden_question_is_refused_with_a_sentence(
        self, examiner: Client, short: Exam
    ) -> None:
        said = {"finding": HIDDEN, "side": "left", "key": uuid4().hex, f"{HIDDEN}.left.token": "5"}
        answer = examiner.post(at("answer", short), said, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        for sentence in ("Not saved", "is not asked in this exam", "recorded is kept", "Open the test first"):
            assert sentence in words(answer)
        assert not Observation.objects.exists()
        assert not AuditEvent.objects.filter(act="answer.saved").exists()

    def test_opened_or_widened_meanwhile_it_is_saved(self, owner: User, short: Exam) -> None:
        desk = factories.desk(owner)
        said = Answer(finding=HIDDEN, side="left", token="5")
        with pytest.raises(Rejected):
            save_answer(desk=desk, exam=short, answer=said, key=uuid4().hex)
        open_finding(desk=desk, exam=short, finding=HIDDEN)
        save_answer(desk=desk, exam=short, answer=said, key=uuid4().hex)
        widen_exam(desk=desk, exam=short)
        sole = Answer(finding="sole", side="left", token="normal")
        save_answer(desk=desk, exam=short, answer=sole, key=uuid4().hex)
        assert Observation.objects.count() == 2

    def test_a_whole_step_with_a_hidden_answer_saves_nothing(self, owner: User, short: Exam) -> None:
        seen = Answer(finding="ankle_dorsiflexion", side="left", token="2")
        hidden = Answer(finding=HIDDEN, side="left", token="5")
        with pytest.raises(StepRefused) as refused:
            save_step(desk=factories.desk(owner), exam=short, answers=[seen, hidden])
        assert set(refused.value.errors) == {(HIDDEN, "left")}
        assert not Observation.objects.exists()

    def test_what_was_recorded_outside_the_plan_can_be_changed_and_stays_asked_when_cleared(
        self, owner: User
    ) -> None:
        desk = factories.desk(owner)
        exam = fibular_exam(desk, protocol="core")  # stored as an older version of the program did
        row = Observation.objects.get(exam=exam, finding=HIDDEN, side="left")
        assert exam.opened == []
        cleared = Answer(finding=HIDDEN, side="left", revision=row.revision, cleared=True)
        save_answer(desk=desk, exam=exam, answer=cleared, key=uuid4().hex)
        Observation.objects.filter(exam=exam, finding=HIDDEN).delete()
        assert HIDDEN in asked(exam)
        save_answer(
            desk=desk, exam=exam, answer=Answer(finding=HIDDEN, side="left", token="4"), key=uuid4().hex
        )

    def test_fields_that_the_step_does_not_show_are_refused_and_nothing_is_saved(
        self, examiner: Client, short: Exam
    ) -> None:
        said = {
            "ankle_dorsiflexion.left.token": "2",
            f"{HIDDEN}.left.token": "5",
            "sole.left.token": "normal",
        }
        answer = examiner.post(at("step", short, "ankle-and-toes"), said)
        assert answer.status_code == 422
        for sentence in ("Nothing of this step was saved", "Ankle inversion", "Sole", "reload the page"):
            assert sentence in words(answer)
        assert not Observation.objects.exists()

    @pytest.mark.parametrize(
        ("place", "token", "detail", "sentence"),
        [
            ("hip_abduction.left", "3", {"consent": "yes"}, "Nothing of this step was saved"),
            (
                "bladder_bowel",
                "yes",
                {"confounder": "pain", "count_as": "weak"},
                "a grade below full strength",
            ),
            ("hip_abduction.left", "3", {"modality": "pinprick"}, "how touch was tested"),
            ("hip_abduction.left", "", {"reason": "pain"}, "Choose an answer, or “Not tested”"),
            ("hip_abduction.left", "", {"confounder": "pain"}, "Choose an answer, or “Not tested”"),
        ],
    )
    def test_a_part_that_does_not_go_with_the_answer_is_refused_with_a_sentence(
        self, examiner: Client, owner: User, place: str, token: str, detail: dict[str, str], sentence: str
    ) -> None:
        exam = factories.exam(factories.desk(owner), protocol="full")
        slug = "red-flags" if place == "bladder_bowel" else "hip-abduction"
        said = {f"{place}.token": token} | {f"{place}.{part}": value for part, value in detail.items()}
        answer = examiner.post(at("step", exam, slug), said)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert not Observation.objects.exists()


class TestWidening:
    def test_widening_keeps_answers_and_what_was_opened(self, owner: User, short: Exam) -> None:
        desk = factories.desk(owner)
        factories.answer(desk, short, f"{HIDDEN}.left", "5")
        before, old = asked(short), short.protocol
        widened = widen_exam(desk=desk, exam=short)
        assert widened.protocol == "full"
        assert before < asked(short)
        assert Observation.objects.count() == 1
        (event,) = AuditEvent.objects.filter(act="exam.widened")
        assert values_of(event) == {"old": old, "new": "full"}

    def test_every_shorter_exam_offers_the_full_one(self, examiner: Client, short: Exam) -> None:
        page = examiner.get(at("step", short, "ankle-and-toes"))
        assert "Widen to the full exam" in words(page)
        answer = examiner.post(at("widen", short), {"step": "ankle-and-toes"}, follow=True)
        assert "This is a full exam now. Everything recorded is kept." in words(answer)
        assert "Widen to the full exam" not in words(answer)


class TestChecking:
    def test_the_shortest_needs_its_red_flag_questions_and_the_drop(self, owner: User) -> None:
        desk = factories.desk(owner)
        exam = factories.exam(desk, protocol="shortest")
        open_finding(desk=desk, exam=exam, finding="hip_abduction")
        needed = {*red_flag_questions(), "ankle_dorsiflexion"}
        exam.refresh_from_db()
        assert {item.finding for item in open_answers(exam) if item.required} == needed | {""}
        assert mark_rest_not_done(desk=desk, exam=exam) == 2
        assert {finding for finding, _ in sheet_of(exam).open_places} == needed

    def test_the_report_names_the_protocol_and_calls_nothing_unasked_normal(self, owner: User) -> None:
        answers = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "5", "bladder_bowel": "no"}
        exam = factories.exam(factories.desk(owner), protocol="shortest", answers=answers)
        document = draft_document(exam)
        assert document["exam"]["protocol"].startswith("shortest: red flags")
        said = repr(document["tables"])
        assert set(CORE_TESTS).isdisjoint(asked(exam) - {"ankle_dorsiflexion"})
        assert "Hip abduction" not in said
        assert "Hip abduction" in repr(document["conclusion"]["missing"])
