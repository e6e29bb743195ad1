"""Signed exams under today's rules: what would differ is told beside the signed answer, never over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from exams import time_travel
from exams.models import Exam, SignedReport
from tests import factories, worlds
from tests.plugins.flushing import unguarded
from tests.web.reviewed import address, looked_at, submitted_exam

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PAGE = reverse("exams:time_travel")
THEN = "Findings were most consistent with the L5 root."


def signed_long_ago(exam: Exam, site: str = "root_L5") -> str:
    """Make the report one that older rules answered with another level; returns the headline of its day."""
    with unguarded():
        for signed in SignedReport.objects.filter(exam=exam):
            document = json.loads(signed.document)
            document["conclusion"]["ranked"][0]["site"] = site
            document["conclusion"]["headline"] = THEN
            kept = {"document": json.dumps(document), "knowledge_digest": "0" * 16}
            SignedReport.objects.filter(pk=signed.pk).update(**kept)
    return THEN


@pytest.fixture
def old(owner: User, supervisor: User) -> Exam:
    exam = looked_at(supervisor, submitted_exam(owner))
    signed_long_ago(exam)
    return exam


def text(client: Client, query: str = "") -> str:
    return " ".join(client.get(PAGE + query).content.decode().split())


def test_an_exam_whose_level_would_differ_is_listed_with_both_answers_and_stays_as_signed(
    old: Exam, supervisor: User, sign_in: SignIn
) -> None:
    before = list(SignedReport.objects.values())
    shown = text(sign_in(supervisor))
    today = json.loads(SignedReport.objects.get(exam=old).document)["identity"]["name"]
    for words in (THEN, "common fibular", today, address("replay", old), "level of 1 would differ"):
        assert words.lower() in shown.lower(), words
    assert list(SignedReport.objects.values()) == before
    assert AuditEvent.objects.filter(act="answers.compared").count() == 1


def test_an_exam_that_today_would_answer_alike_is_not_listed(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = looked_at(supervisor, submitted_exam(owner))
    signed_long_ago(exam, site="common_fibular")
    shown = text(sign_in(supervisor))
    assert "Exams 1 to 1 of 1 read: the level of 0 would differ" in shown
    assert THEN not in shown


def test_an_exam_of_todays_rules_is_not_read_again(
    owner: User, supervisor: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at(supervisor, submitted_exam(owner))

    def never(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(time_travel, "localize_exam", never)
    assert "No signed exam was answered by other rules" in text(sign_in(supervisor))


def test_what_a_supervisor_has_not_looked_at_and_another_clinics_exams_stay_out(
    owner: User, supervisor: User, old: Exam, sign_in: SignIn
) -> None:
    unseen = submitted_exam(owner)
    signed_long_ago(unseen)
    shown = text(sign_in(supervisor))
    assert address("replay", old) in shown
    assert address("replay", unseen) not in shown
    elsewhere = factories.person(factories.clinic("Hillside"), "supervisor", "Ella Elsewhere")
    assert THEN not in text(sign_in(elsewhere))
    assert sign_in(owner).get(PAGE).status_code == 403


def test_it_is_read_in_batches(
    owner: User, supervisor: User, old: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = looked_at(supervisor, submitted_exam(owner))
    signed_long_ago(second)
    with unguarded():
        Exam.objects.filter(pk=second.pk).update(started=old.started + timedelta(days=1))
    monkeypatch.setattr(time_travel, "AT_ONCE", 1)
    client = sign_in(supervisor)
    found = [
        [address("replay", exam) in text(client, f"?page={number}") for exam in (second, old)]
        for number in (1, 2)
    ]
    assert found == [[True, False], [False, True]]
    assert "Exams 2 to 2 of 2 read" in text(client, "?page=2")


def test_the_signed_answer_stands_beside_todays_at_the_end_of_the_replay(sign_in: SignIn) -> None:
    place = worlds.place(worlds.CANARIES[0])
    exam = place.exams["countersigned"]
    signed_long_ago(exam)
    client = sign_in(place.people["supervisor"])
    last, first = (client.get(address("replay", exam) + query).content.decode() for query in ("", "?at=1"))
    assert "As it was signed" in last
    assert THEN in last
    assert "Where the findings pointed" in last
    assert THEN not in first
