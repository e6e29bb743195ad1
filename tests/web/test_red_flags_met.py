"""A red flag is met: who was told, when, what was agreed; from any page, with nothing typed lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinics.audit import values_of
from clinics.models import AuditEvent, Clinic
from clinics.refusals import Refused
from exams.models import Exam, RedFlagAction
from exams.services.flags import NoSuchTime, meet_flags, told_today
from exams.services.localizing import localize_exam
from exams.telling import TELLING, whom
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TWO = {"bladder_bowel": "yes", "cancer": "yes", "back_pain": "yes"}
SAID = {"told": "emergency_department", "action": "Go there now, MRI tonight."}


@pytest.fixture
def examiner(owner: User, sign_in: SignIn) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers={"bladder_bowel": "yes"})


@pytest.fixture
def two(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers=TWO)


def raised(exam: Exam) -> list[str]:
    return [flag.id for flag in localize_exam(exam).red_flags]


def post(client: Client, exam: Exam, **said: Any) -> Any:
    sent = {"flag": raised(exam), "step": "gait", "key": str(uuid4()), **SAID, **said}
    return client.post(reverse("exams:red_flag", args=[exam.pk]), sent)


def page(client: Client, exam: Exam, slug: str = "gait") -> str:
    return html.unescape(client.get(reverse("exams:step", args=[exam.pk, slug])).content.decode())


def bar(content: str) -> str:
    """Return the bar of the red flags, its spaces squeezed."""
    return " ".join(content.partition('id="red-flags"')[2].partition('id="main"')[0].split())


def test_who_was_told_when_and_what_was_agreed_stand_in_the_bar_and_the_trail(
    owner: User, examiner: Client, draft: Exam
) -> None:
    before = timezone.now()
    answer = post(examiner, draft, action=" Go there now, MRI tonight. ")
    assert answer["Location"] == reverse("exams:step", args=[draft.pk, "gait"])
    done = RedFlagAction.objects.get()
    assert (done.flag, done.told, done.action, done.by) == ("cauda_equina", *SAID.values(), owner)
    assert done.told_at is not None
    assert before <= done.told_at <= timezone.now()
    for slug in ("gait", "ankle-and-toes"):
        shown = bar(page(examiner, draft, slug))
        assert 'class="redflag acked"' in shown
        assert "Told the emergency department, " in shown
        assert "Agreed: Go there now, MRI tonight. (Olive Owner, " in shown
    event = AuditEvent.objects.get(act="red_flag.acknowledged")
    assert (event.subject, event.object_id) == (draft.patient_id, str(done.pk))
    values = values_of(event)
    assert values is not None
    assert (values["flag"], values["told"], values["action"]) == ("cauda_equina", *SAID.values())
    assert values["told_at"] == done.told_at.isoformat()


def test_one_form_meets_every_flag_or_only_those_that_are_ticked(examiner: Client, two: Exam) -> None:
    first, *others = raised(two)
    assert others
    post(examiner, two, flag=[first])
    assert [done.flag for done in RedFlagAction.objects.all()] == [first]
    shown = bar(page(examiner, two))
    ticked = re.findall(r'id="about-([a-z_]+)" (checked)?', shown)
    assert dict(ticked) == {first: "", **dict.fromkeys(others, "checked")}
    post(examiner, two, flag=others, told="ambulance")
    assert {done.flag: done.told for done in RedFlagAction.objects.all()} == {
        first: "emergency_department",
        **dict.fromkeys(others, "ambulance"),
    }
    assert AuditEvent.objects.filter(act="red_flag.acknowledged").count() == len(raised(two))


def test_the_form_stands_open_until_every_flag_is_met_and_folded_after(examiner: Client, two: Exam) -> None:
    assert bar(page(examiner, two)).count("<form") == 1
    assert "flag-again" not in bar(page(examiner, two))
    post(examiner, two)
    shown = bar(page(examiner, two))
    assert "Record another call" in shown
    assert shown.count('class="redflag acked"') == len(raised(two))


def test_a_double_tap_is_one_record_and_a_later_call_stands_beside_the_first(
    examiner: Client, draft: Exam
) -> None:
    key = str(uuid4())
    for _ in range(2):
        assert post(examiner, draft, key=key).status_code == 302
    assert RedFlagAction.objects.count() == 1
    assert AuditEvent.objects.filter(act="red_flag.acknowledged").count() == 1
    post(examiner, draft, told="on_call_team", action="Rang again: bed found.")
    shown = bar(page(examiner, draft))
    assert re.search(r'name="flag" value="cauda_equina"', shown)  # a further call is about the only flag
    assert 0 < shown.index("Agreed: Go there now") < shown.index("Agreed: Rang again: bed found.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"told": ""}, "Choose who was told. Nothing was recorded yet, and the red flag stays."),
        ({"told": "the_press"}, "Choose who was told from the list."),
        ({"action": "  "}, "Write in a line what was agreed. Nothing was recorded yet"),
        ({"action": "x" * 501}, "Write what was agreed in at most 500 characters."),
        ({"flag": []}, None),
        ({"flag": ["stroke_tia"]}, "A red flag that you ticked is not raised any more."),
        ({"clock": "25:00"}, "Type the time like 14:05, or leave it empty for now."),
        ({"key": "no key"}, None),
        ({"action": "a\x00b"}, None),
    ],
)
def test_a_refusal_says_why_records_nothing_and_keeps_what_was_typed(
    examiner: Client, draft: Exam, said: dict[str, Any], sentence: str | None
) -> None:
    answer = post(examiner, draft, **said)
    content = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert not RedFlagAction.objects.exists()
    assert not AuditEvent.objects.filter(act="red_flag.acknowledged").exists()
    assert "Red flag recorded: " in bar(content)
    assert "There is a problem" in content
    assert AuditEvent.objects.get(act="exam.viewed").subject == draft.patient_id
    if sentence:
        assert content.count(sentence) == 2  # beside its field and in the list of errors
    if "action" not in said:
        assert f'value="{SAID["action"]}"' in bar(content)
    if "told" not in said:
        assert re.search(r'value="emergency_department"[^>]*checked', bar(content))
    assert f'href="{reverse("exams:step", args=[draft.pk, "gait"])}"' in content


def test_every_error_leads_to_a_control_that_is_on_the_page(examiner: Client, two: Exam) -> None:
    content = post(examiner, two, told="", action="", flag=[], clock="late").content.decode()
    links = re.findall(r'href="#(flag[a-z_0-9-]*)"', content)
    assert len(links) == 4
    assert all(f'id="{link}"' in content for link in links)


def test_without_a_red_flag_there_is_nothing_to_meet(owner: User, examiner: Client) -> None:
    exam = factories.exam(factories.desk(owner))
    assert post(examiner, exam, flag=["cauda_equina"]).status_code == 409
    desk = factories.desk(owner)
    with pytest.raises(Refused, match="not raised in this exam"):
        meet_flags(desk=desk, exam=exam, flags=["cauda_equina"], told="patient", action="Told", key=uuid4())
    assert not RedFlagAction.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"flags": []}, {"told": ""}, {"told": "nobody"}, {"action": " "}, {"action": "x" * 501}]
)
def test_the_service_itself_refuses_what_is_incomplete(
    owner: User, draft: Exam, wrong: dict[str, Any]
) -> None:
    said: dict[str, Any] = {"flags": ["cauda_equina"], "told": "patient", "action": "Told", **wrong}
    with pytest.raises(Refused, match="The red flag stays"):
        meet_flags(desk=factories.desk(owner), exam=draft, key=uuid4(), **said)
    assert not RedFlagAction.objects.exists()


def test_a_flag_is_met_while_the_engine_is_gone(
    examiner: Client, draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the engine is gone")

    monkeypatch.setattr("exams.services.localizing.localize", broken)
    assert post(examiner, draft, step="check").status_code == 302
    assert "Told the emergency department" in bar(page(examiner, draft))


def test_only_the_examiner_of_the_own_clinics_draft_meets_its_flags(
    colleague: User, stranger: User, draft: Exam, sign_in: SignIn
) -> None:
    assert post(sign_in(colleague), draft).status_code == 403
    assert post(sign_in(stranger), draft).status_code == 404
    assert not RedFlagAction.objects.exists()


# ---------------------------------------------------------------- the time


NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@given(clock=st.times(), hour=st.integers(0, 23), zone=st.sampled_from(["Europe/London", "Asia/Kolkata"]))
def test_a_typed_time_is_of_today_in_the_clinics_zone_and_never_to_come(
    clock: time, hour: int, zone: str
) -> None:
    now = NOON.replace(hour=hour)
    clinic = Clinic(time_zone=zone)
    clock = clock.replace(tzinfo=None, second=0, microsecond=0, fold=0)
    local_now = now.astimezone(ZoneInfo(zone))
    if clock > local_now.time():
        with pytest.raises(NoSuchTime, match="still to come"):
            told_today(clinic, clock, now)
        return
    told = told_today(clinic, clock, now)
    assert told <= now
    assert told.astimezone(ZoneInfo(zone)).date() == local_now.date()
    assert told.astimezone(ZoneInfo(zone)).time() == clock


def test_no_time_is_now_and_a_time_that_the_clocks_skipped_is_refused() -> None:
    clinic = Clinic(time_zone="Europe/London")
    assert told_today(clinic, None, NOON) == NOON
    with pytest.raises(NoSuchTime, match="skipped"):
        told_today(clinic, time(1, 30), datetime(2026, 3, 29, 12, 0, tzinfo=UTC))


def test_a_time_to_come_is_refused_in_the_clinics_zone_and_the_form_keeps_it(
    examiner: Client, draft: Exam, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.time_zone = "Asia/Kolkata"
    clinic.save()
    today = timezone.now().replace(hour=6, minute=0)  # 11:30 in the clinic
    monkeypatch.setattr("exams.services.flags.timezone.now", lambda: today)
    refused = post(examiner, draft, clock="12:00")
    assert refused.status_code == 422
    assert "That time is still to come in this clinic." in refused.content.decode()
    assert 'value="12:00"' in refused.content.decode()
    assert post(examiner, draft, clock="11:20").status_code == 302
    assert RedFlagAction.objects.get().told_at == today.replace(minute=50, hour=5, second=0, microsecond=0)


# ---------------------------------------------------------------- the clinic's own pathway


def test_the_clinics_pathway_and_number_stand_in_the_bar_and_else_the_local_one(
    examiner: Client, draft: Exam, clinic: Clinic
) -> None:
    assert "<span>Follow your local urgent pathway.</span>" in bar(page(examiner, draft))
    clinic.urgent_pathway, clinic.urgent_telephone = "Ring the spinal desk.", "+44 (0)20 7946 0000"
    clinic.save()
    shown = bar(page(examiner, draft))
    assert "Ring the spinal desk." in shown
    assert 'href="tel:+442079460000"' in shown
    assert ">+44 (0)20 7946 0000</a>" in shown
    report = examiner.get(reverse("exams:report", args=[draft.pk])).content.decode()
    assert "Ring the spinal desk." in report
    assert 'href="tel:+442079460000"' in report


def test_everybody_who_can_be_told_has_a_key_and_words_of_their_own() -> None:
    for kind in ("id", "label", "whom"):
        said = [getattr(one, kind) for one in TELLING]
        assert len(set(said)) == len(said) > 4
        assert all(said)
    assert whom("emergency_department") == "the emergency department"
    assert whom("night_desk") == "night desk"  # one that a later list does not hold any more
