"""The walk through an exam: starting, steps, saving, resuming, red flags, widening."""

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
from exams.models import Exam, Observation, RedFlagAction
from exams.services.exams import give_impression
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

    def test_change_links_lead_back_to_the_check_page(self, examiner: Client, draft: Exam) -> None:
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


class TestAutosave:
    def test_an_answer_is_saved_and_the_page_told_what_follows(self, examiner: Client, draft: Exam) -> None:
        answer = autosave(examiner, draft, "bladder_bowel", "yes", step="red-flags")
        page = text(answer)
        assert answer.status_code == 200
        for fragment in ('id="save-state"', 'id="red-flags"', 'id="live"', 'id="rail"', "Saved "):
            assert fragment in page
        assert 'name="bladder_bowel.revision"' in page
        assert 'value="1"' in page
        assert "Red flag recorded" in page
        assert "<html" not in page
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


class TestRedFlags:
    def test_acknowledging_keeps_the_flag_with_name_and_action(self, examiner: Client, draft: Exam) -> None:
        autosave(examiner, draft, "bladder_bowel", "yes")
        url = at("red_flag", draft, "cauda_equina")
        assert examiner.post(url, {"action": " On-call team phoned ", "step": "gait"})["Location"] == at(
            "step", draft, "gait"
        )
        done = RedFlagAction.objects.get()
        assert (done.action, done.by.get_full_name()) == ("On-call team phoned", "Olive Owner")
        page = text(examiner.get(at("step", draft, "gait")))
        assert "Red flag recorded" in page
        assert "On-call team phoned" in page

    def test_the_same_action_sent_twice_is_recorded_once(self, examiner: Client, draft: Exam) -> None:
        autosave(examiner, draft, "bladder_bowel", "yes")
        url = at("red_flag", draft, "cauda_equina")
        for action in ("Phoned", "Phoned", "Ambulance called"):
            examiner.post(url, {"action": action})
        assert [done.action for done in RedFlagAction.objects.all()] == ["Phoned", "Ambulance called"]

    @pytest.mark.parametrize("action", ["", "   ", "x" * 501, "a\x00b"])
    def test_an_empty_or_endless_action_is_refused(self, examiner: Client, draft: Exam, action: str) -> None:
        autosave(examiner, draft, "bladder_bowel", "yes")
        answer = examiner.post(at("red_flag", draft, "cauda_equina"), {"action": action}, follow=True)
        assert answer.status_code == 200
        assert not RedFlagAction.objects.exists()
        assert "Red flag recorded" in text(answer)

    def test_a_flag_that_is_not_raised_cannot_be_acknowledged(self, examiner: Client, draft: Exam) -> None:
        answer = examiner.post(at("red_flag", draft, "cauda_equina"), {"action": "phoned"})
        assert answer.status_code == 409
        assert not RedFlagAction.objects.exists()


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
        assert "Red flag recorded" in text(answer)

    def test_the_exam_can_still_be_signed(self, owner: User, examiner: Client) -> None:
        from exams.steps import core_findings, sides_of  # noqa: PLC0415 - the lists of this one test
        from localization import CATALOGUE  # noqa: PLC0415

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
