"""Consent and chaperone of the saddle test: noted with its answer, read back, and on the report."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from exams.consent import CHAPERONE, GIVEN, Consent, consent_of
from exams.models import Exam, Observation
from exams.steps import STEPS, step_asking
from tests import factories

SADDLE = step_asking("saddle")
SAID = {
    "saddle.token": "reduced",
    "saddle.consent": "1",
    "saddle.chaperone": "M. Nilsson",
    "saddle.note": "left buttock",
}
LINES = st.one_of(st.just(GIVEN), st.builds(f"{CHAPERONE}{{}}.".format, st.text()), st.text())
NOTES = st.lists(LINES, max_size=4).map(lambda lines: "\n".join(lines).strip())
WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1)


@pytest.fixture
def draft(owner: User, client: Client) -> Exam:
    client.force_login(owner)
    return factories.exam(factories.desk(owner), protocol="full")


def path(exam: Exam) -> str:
    return reverse("exams:step", args=[exam.pk, SADDLE.slug])


def saddle(exam: Exam) -> Observation:
    return Observation.objects.get(exam=exam, finding="saddle")


def shown(client: Client, exam: Exam) -> Any:
    return client.get(path(exam)).context["form"].rows[0].sides[0].consent


def autosave(client: Client, exam: Exam, **said: str) -> Any:
    data = {"finding": "saddle", "side": "", "key": uuid4().hex, **said}
    return client.post(reverse("exams:answer", args=[exam.pk]), data)


@given(NOTES)
def test_whatever_a_note_says_it_is_written_back_as_it_was_read(note: str) -> None:
    assert consent_of(note).text == note


@given(given=st.booleans(), chaperone=st.one_of(st.just(""), WORDS), note=st.one_of(st.just(""), WORDS))
def test_what_was_said_is_read_back(given: bool, chaperone: str, note: str) -> None:
    said = Consent(given=given, chaperone=chaperone, note=note)
    assert consent_of(said.text) == said


def test_only_the_saddle_test_asks_for_consent(client: Client, draft: Exam) -> None:
    asking = [
        step
        for step in STEPS
        if b".chaperone" in client.get(reverse("exams:step", args=[draft.pk, step.slug]), follow=True).content
    ]
    assert asking == [SADDLE]


def test_consent_and_chaperone_stand_before_the_note(client: Client, draft: Exam) -> None:
    assert client.post(path(draft), SAID).status_code == 302
    stored = saddle(draft)
    assert stored.token == "reduced"
    assert stored.note == "Consent asked and given.\nChaperone: M. Nilsson.\nleft buttock"
    assert shown(client, draft) == Consent(given=True, chaperone="M. Nilsson", note="left buttock")


def test_one_answer_by_itself_is_saved_with_its_consent(client: Client, draft: Exam) -> None:
    assert autosave(client, draft, **SAID).status_code == 200
    assert saddle(draft).note.startswith("Consent asked and given.\nChaperone: M. Nilsson.")


def test_a_declined_test_keeps_who_was_offered(client: Client, draft: Exam) -> None:
    said = {"saddle.token": "not_tested", "saddle.reason": "declined", "saddle.chaperone": "declined"}
    assert autosave(client, draft, **said).status_code == 200
    assert (saddle(draft).not_tested, saddle(draft).note) == (True, "Chaperone: declined.")


def test_a_page_sent_again_changes_nothing(client: Client, draft: Exam) -> None:
    client.post(path(draft), SAID)
    revision = saddle(draft).revision
    client.post(path(draft), {**SAID, "saddle.revision": str(revision)})
    assert saddle(draft).revision == revision


def test_consent_that_is_taken_back_leaves_the_note_alone(client: Client, draft: Exam) -> None:
    client.post(path(draft), SAID)
    said = {name: value for name, value in SAID.items() if name not in {"saddle.consent", "saddle.chaperone"}}
    client.post(path(draft), {**said, "saddle.revision": str(saddle(draft).revision)})
    assert saddle(draft).note == "left buttock"


def test_consent_without_an_answer_is_refused_and_kept_on_the_page(client: Client, draft: Exam) -> None:
    answer = client.post(path(draft), {"saddle.consent": "1", "saddle.chaperone": "M. Nilsson"})
    assert answer.status_code == 422
    assert answer.context["form"].rows[0].sides[0].consent == Consent(given=True, chaperone="M. Nilsson")
    assert not Observation.objects.filter(exam=draft).exists()


def test_a_chaperone_too_long_is_refused_in_the_row(client: Client, draft: Exam) -> None:
    answer = client.post(path(draft), {**SAID, "saddle.chaperone": "M" * 81})
    assert answer.status_code == 422
    assert answer.context["form"].rows[0].sides[0].errors


def test_consent_stands_on_the_report(client: Client, draft: Exam) -> None:
    client.post(path(draft), SAID)
    report = client.get(reverse("exams:report", args=[draft.pk])).content.decode()
    assert "Consent asked and given." in report
    assert "Chaperone: M. Nilsson." in report
