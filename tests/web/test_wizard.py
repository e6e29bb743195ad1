"""The walk through an exam: starting, steps, saving, resuming, widening."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from exams.models import Exam, Observation
from exams.services.localizing import clinic_date
from exams.steps import STEPS
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def at(name: str, exam: Exam, *more: str) -> str:
    return reverse(f"exams:{name}", args=[exam.pk, *more])


def text(response: Any) -> str:
    content: str = response.content.decode()
    return content


def autosave(examiner: Client, exam: Exam, place: str, token: str, **more: str) -> Any:
    finding, _, side = place.partition(".")
    said = {"finding": finding, "side": side, "key": uuid4().hex, "step": "", f"{place}.token": token, **more}
    return examiner.post(at("answer", exam), said, headers={"HX-Request": "true"})


def stored(exam: Exam, place: str) -> Observation | None:
    finding, _, side = place.partition(".")
    return Observation.objects.filter(exam=exam, finding=finding, side=side).first()


class TestStarting:
    def test_an_exam_starts_with_protocol_and_side_and_opens_its_first_step(
        self, owner: User, examiner: Client
    ) -> None:
        patient = factories.patient(factories.desk(owner))
        url = reverse("exams:exam_new", args=[patient.pk])
        assert examiner.get(url).status_code == 200
        answer = examiner.post(url, {"protocol": "core", "affected_side": "right"}, follow=True)
        exam = Exam.objects.get()
        assert (exam.patient, exam.affected_side, exam.protocol) == (patient, "right", "core")
        assert answer.redirect_chain[-1][0] == at("step", exam, "red-flags")

    def test_C08_the_same_form_sent_twice_starts_one_exam(self, owner: User, examiner: Client) -> None:
        """C-08: a double tap or a reload of the POST starts one exam."""
        url = reverse("exams:exam_new", args=[factories.patient(factories.desk(owner)).pk])
        key = re.findall(r'name="key" value="([^"]+)"', text(examiner.get(url)))
        said = {"protocol": "core", "affected_side": "left", "key": key[0]}
        first, second = (examiner.post(url, said)["Location"] for _ in range(2))
        assert first == second
        assert Exam.objects.count() == AuditEvent.objects.filter(act="exam.started").count() == 1
        again = re.findall(r'name="key" value="([^"]+)"', text(examiner.get(url)))
        assert examiner.post(url, {**said, "key": again[0]})["Location"] != first

    @pytest.mark.parametrize("said", [{}, {"protocol": "core"}, {"protocol": "x", "affected_side": "left"}])
    def test_nothing_is_started_without_a_choice(
        self, owner: User, examiner: Client, said: dict[str, str]
    ) -> None:
        patient = factories.patient(factories.desk(owner))
        answer = examiner.post(reverse("exams:exam_new", args=[patient.pk]), said)
        assert answer.status_code == 422
        assert "There is a problem" in text(answer)
        assert not Exam.objects.exists()


class TestSteps:
    def test_every_step_opens_and_each_opening_is_in_the_trail(self, examiner: Client, draft: Exam) -> None:
        for step in STEPS[:-2]:
            before = AuditEvent.objects.count()
            answer = examiner.get(at("step", draft, step.slug))
            assert answer.status_code == 200
            assert step.title in text(answer)
            assert step.guard in answer.content.decode().replace("&#x27;", "'")
            assert AuditEvent.objects.count() == before + 1
        assert AuditEvent.objects.last().act == "exam.viewed"  # type: ignore[union-attr]

    def test_a_key_is_named_once_to_a_screen_reader(self, examiner: Client, draft: Exam) -> None:
        names = re.findall(r'aria-label="([^"]*)"', text(examiner.get(at("step", draft, "red-flags"))))
        assert {"Yes", "No, asked or looked for"} <= set(names)
        assert not [name for name in names if re.match(r"(?i)(\w+),? \1\b", name)]

    def test_opening_a_step_changes_nothing(self, examiner: Client, draft: Exam) -> None:
        examiner.get(at("step", draft, "gait"))
        fresh = Exam.objects.get()
        assert (fresh.current_step, fresh.saved, fresh.revision) == ("", draft.saved, 0)

    def test_the_plain_form_saves_everything_and_leads_to_the_next_step(
        self, examiner: Client, draft: Exam
    ) -> None:
        said = {
            "ankle_dorsiflexion.left.token": "2",
            "ankle_dorsiflexion.right.token": "5",
            "ankle_eversion.left.token": "not_tested",
            "ankle_eversion.left.reason": "pain",
        }
        answer = examiner.post(at("step", draft, "ankle-and-toes"), said)
        assert answer.status_code == 302
        assert answer["Location"] == at("step", draft, "sensation")
        rows = {(row.finding, row.side): row for row in Observation.objects.all()}
        assert rows["ankle_dorsiflexion", "left"].token == "2"
        assert rows["ankle_eversion", "left"].reason == "pain"
        assert len(rows) == 3

    def test_unanswered_fields_never_block_a_step(self, examiner: Client, draft: Exam) -> None:
        answer = examiner.post(at("step", draft, "red-flags"), {})
        assert answer["Location"] == at("step", draft, "onset-and-pain")
        assert not Observation.objects.exists()

    def test_an_impossible_value_blocks_the_step_and_keeps_the_rest_on_the_page(
        self, examiner: Client, draft: Exam
    ) -> None:
        said = {
            "ankle_dorsiflexion.left.token": "9",
            "ankle_dorsiflexion.right.token": "5",
            "ankle_inversion.left.note": "very odd <b>",
        }
        answer = examiner.post(at("step", draft, "ankle-and-toes"), said)
        page = text(answer)
        assert answer.status_code == 422
        assert "There is a problem" in page
        assert "Choose 0, 1, 2" in page
        assert "very odd &lt;b&gt;" in page
        assert not Observation.objects.exists()

    def test_continue_without_these_saves_the_rest(self, examiner: Client, draft: Exam) -> None:
        said = {
            "ankle_dorsiflexion.left.token": "9",
            "ankle_dorsiflexion.right.token": "5",
            "continue_without": "1",
        }
        answer = examiner.post(at("step", draft, "ankle-and-toes"), said)
        assert answer["Location"] == at("step", draft, "sensation")
        assert [row.side for row in Observation.objects.all()] == ["right"]

    def test_clear_takes_one_answer_away_and_stays_on_the_step(
        self, owner: User, examiner: Client, draft: Exam
    ) -> None:
        factories.answer(factories.desk(owner), draft, "slump.left", "positive")
        said = {"slump.left.token": "positive", "slump.left.revision": "1", "slump.left.clear": "1"}
        answer = examiner.post(at("step", draft, "slump-test"), said)
        assert answer["Location"] == at("step", draft, "slump-test")
        assert not Observation.objects.exists()

    def test_a_stale_step_shows_both_values_and_overwrites_nothing(
        self, owner: User, examiner: Client, draft: Exam
    ) -> None:
        factories.answer(factories.desk(owner), draft, "slump.left", "positive")
        answer = examiner.post(at("step", draft, "slump-test"), {"slump.left.token": "negative"})
        assert answer.status_code == 409
        assert "changed elsewhere" in text(answer)
        row = stored(draft, "slump.left")
        assert row is not None
        assert row.token == "positive"

    def test_X01_change_links_lead_back_to_the_check_page(self, examiner: Client, draft: Exam) -> None:
        url = at("step", draft, "slump-test") + "?return=check"
        assert url.replace("&", "&amp;") in text(examiner.get(url))
        assert examiner.post(url, {"slump.left.token": "negative"})["Location"] == at("check", draft)

    def test_the_exam_resumes_at_the_exact_step(self, examiner: Client, draft: Exam) -> None:
        examiner.post(at("step", draft, "gait"), {"gait_pattern.token": "steppage"})
        assert examiner.get(at("exam", draft))["Location"] == at("step", draft, "one-leg-stand")
        autosave(examiner, draft, "slr.left", "negative", step="straight-leg-raise")
        assert examiner.get(at("exam", draft))["Location"] == at("step", draft, "straight-leg-raise")

    def test_H12_steps_lead_in_order_and_unknown_ones_are_not_found(
        self, examiner: Client, draft: Exam
    ) -> None:
        """H-12: the server decides what comes next, from any step; a made-up step is 404."""
        slugs = [step.slug for step in STEPS]
        for here, after in pairwise(slugs[:-2]):
            assert examiner.post(at("step", draft, here), {})["Location"] == at("step", draft, after)
        assert examiner.post(at("step", draft, slugs[-3]), {})["Location"] == at("impression", draft)
        assert examiner.get(at("step", draft, "impression"))["Location"] == at("impression", draft)
        assert examiner.get(at("step", draft, "check"))["Location"] == at("check", draft)
        assert examiner.get(at("step", draft, "no-such-step")).status_code == 404
        assert examiner.post(at("step", draft, "no-such-step"), {}).status_code == 404

    def test_X05_the_previous_exam_is_text_and_never_a_value(
        self, owner: User, examiner: Client, draft: Exam
    ) -> None:
        """X-05: the previous grade is shown as text, never pre-filled."""
        earlier = factories.exam(
            factories.desk(owner),
            draft.patient,
            answers={"hip_abduction.left": "3", "hip_abduction.right": "5"},
        )
        began = draft.started - timedelta(days=40)
        Exam.objects.filter(pk=earlier.pk).update(state=Exam.State.SUBMITTED, started=began)
        page = text(examiner.get(at("step", draft, "hip-abduction")))
        day = clinic_date(began, draft.clinic.time_zone)
        assert f"3 on {day.day} {day:%b}" in page
        assert " checked" not in page.partition('id="step-form"')[2].partition("</form>")[0]
        assert stored(draft, "hip_abduction.left") is None


class TestCore:
    @pytest.fixture
    def core(self, owner: User) -> Exam:
        return factories.exam(factories.desk(owner), protocol="core")

    def test_a_step_outside_the_core_is_not_found_with_a_way_on(self, examiner: Client, core: Exam) -> None:
        answer = examiner.get(at("step", core, "sensation"))
        assert answer.status_code == 404
        assert "Widen the exam to the full one" in text(answer)

    def test_widening_keeps_what_was_recorded(self, owner: User, examiner: Client, core: Exam) -> None:
        factories.answer(factories.desk(owner), core, "onset", "days")
        answer = examiner.post(at("widen", core), {"step": "onset-and-pain"})
        assert answer["Location"] == at("step", core, "onset-and-pain")
        core.refresh_from_db()
        assert core.protocol == "full"
        assert Observation.objects.count() == 1
        assert examiner.get(at("step", core, "sensation")).status_code == 200


class TestDoors:
    @pytest.mark.parametrize("slug", ["gait", "no-such-step"])
    def test_another_clinics_exam_does_not_exist(
        self, stranger: User, sign_in: Callable[[User], Client], draft: Exam, slug: str
    ) -> None:
        examiner = sign_in(stranger)
        for url in (at("step", draft, slug), at("exam", draft), at("check", draft), at("impression", draft)):
            answer = examiner.get(url)
            assert answer.status_code == 404
            assert "Lindqvist" not in text(answer)
        assert autosave(examiner, draft, "onset", "days").status_code == 404

    def test_a_colleague_reads_the_report_and_changes_nothing(
        self, colleague: User, sign_in: Callable[[User], Client], draft: Exam
    ) -> None:
        examiner = sign_in(colleague)
        assert examiner.get(at("exam", draft))["Location"] == at("report", draft)
        answer = examiner.post(at("step", draft, "gait"), {"gait_pattern.token": "steppage"})
        assert answer.status_code == 403
        assert "Only the examiner" in text(answer)
        assert autosave(examiner, draft, "onset", "days").status_code == 409
        assert not Observation.objects.exists()

    def test_a_signed_exam_says_what_happened_what_is_kept_and_what_to_do(
        self, examiner: Client, draft: Exam
    ) -> None:
        Exam.objects.filter(pk=draft.pk).update(state=Exam.State.SUBMITTED)
        answer = examiner.post(at("step", draft, "gait"), {"gait_pattern.token": "steppage"})
        assert answer.status_code == 409
        for words in ("is signed", "Everything recorded is kept", "ask the supervisor to return it"):
            assert words in text(answer)
        assert examiner.get(at("exam", draft))["Location"] == at("report", draft)
        refused = autosave(examiner, draft, "onset", "days")
        assert refused.status_code == 409
        assert "ask the supervisor to return it" in text(refused)
        assert not Observation.objects.exists()
