"""Saving answers: revisions, one effect per key, one audit event each, a step whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from clinics.audit import values_of, verify_chain
from clinics.refusals import Refused
from exams.models import Exam, Observation, SavedRequest
from exams.services.answers import (
    Answer,
    Rejected,
    StepRefused,
    save_answer,
    save_step,
)
from exams.services.localizing import findings_of
from exams.services.versions import copy_answers
from localization import CATALOGUE
from tests import factories
from tests.web.saved import save, trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def test_a_new_answer_is_stored_with_the_exams_next_revision(owner: User, draft: Exam) -> None:
    saved = save(owner, draft, token="4-")
    row = Observation.objects.get(exam=draft)
    draft.refresh_from_db()
    assert (row.token, row.not_tested, row.side, row.recorded_by) == ("4-", False, "left", owner)
    assert saved.revision == row.revision == draft.revision == 1
    assert saved.at == row.recorded == draft.saved


def test_each_change_leaves_one_event_with_the_old_and_the_new_value(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    save(owner, draft, token="3", confounder="pain", count_as="weak", revision=first.revision)
    before, after = trail(draft)
    assert (before.act, after.act) == ("answer.saved", "answer.saved")
    assert before.object_id == after.object_id == str(Observation.objects.get().pk)
    values = values_of(after)
    assert values is not None
    assert isinstance(values["old"], dict)
    assert isinstance(values["new"], dict)
    assert (values["old"]["token"], values["new"]["token"]) == ("2", "3")
    assert values["new"]["confounder"] == "pain"
    assert after.subject == draft.patient_id
    assert verify_chain(draft.clinic) is None


def test_clearing_goes_back_to_unset_and_is_in_the_trail(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    cleared = save(owner, draft, cleared=True, revision=first.revision)
    assert cleared.observation is None
    assert not Observation.objects.exists()
    assert [event.act for event in trail(draft)] == ["answer.saved", "answer.cleared"]
    assert save(owner, draft, token="5", revision=cleared.revision).revision == 3


def test_the_same_request_twice_has_one_effect(owner: User, draft: Exam) -> None:
    first = save(owner, draft, key="same-key-1", token="2")
    again = save(owner, draft, key="same-key-1", token="2")
    assert (again.revision, again.at) == (first.revision, first.at)
    assert len(trail(draft)) == SavedRequest.objects.count() == 1


def test_a_repeated_request_is_answered_even_after_the_answer_changed_again(owner: User, draft: Exam) -> None:
    first = save(owner, draft, key="same-key-1", token="2")
    save(owner, draft, token="3", revision=first.revision)
    again = save(owner, draft, key="same-key-1", token="2")
    assert again.revision == first.revision
    assert Observation.objects.get().token == "3"


def test_another_answer_under_a_used_key_is_refused(owner: User, draft: Exam) -> None:
    first = save(owner, draft, key="same-key-1", token="2")
    with pytest.raises(Rejected, match="save number"):
        save(owner, draft, key="same-key-1", token="3", revision=first.revision)
    assert Observation.objects.get().token == "2"


@pytest.mark.parametrize("key", ["short", "", "x" * 65, "has space!", "кириллица-ключ"])
def test_a_key_that_no_page_makes_is_refused(owner: User, draft: Exam, key: str) -> None:
    answer = Answer(finding="ankle_dorsiflexion", side="left", token="2")
    with pytest.raises(Rejected):
        save_answer(desk=factories.desk(owner), exam=draft, answer=answer, key=key)
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"finding": "shoe_size"},
        {"finding": "age", "side": ""},
        {"side": ""},
        {"side": "up"},
        {"finding": "onset", "side": "left", "token": "sudden"},
        {"token": "6"},
        {"token": "reduced"},
        {"token": ""},
        {"token": "\x00"},
        {"token": "5" * 10_000},
        {"token": "5", "reason": "pain"},
        {"token": "", "not_tested": True, "reason": "bored"},
        {"token": "5", "not_tested": True},
        {"token": "5", "confounder": "pain", "count_as": "weak"},
        {"token": "3", "confounder": "weather", "count_as": "weak"},
        {"token": "3", "confounder": "pain", "count_as": "perhaps"},
        {"token": "3", "count_as": "weak"},
        {"token": "3", "modality": "pinprick"},
        {"finding": "dorsum_foot", "token": "reduced", "confounder": "swelling"},
        {"finding": "dorsum_foot", "token": "reduced", "modality": "feather"},
        {"token": "3", "note": "x" * 501},
        {"token": "3", "note": "a\x00b"},
        {"finding": "walk_10m_s", "side": "", "token": "-1"},
        {"finding": "walk_10m_s", "side": "", "token": "1e300"},
        {"finding": "walk_10m_s", "side": "", "token": "nan"},
        {"finding": "walk_10m_s", "side": "", "token": "١٢"},
    ],
)
def test_an_answer_that_the_catalogue_does_not_know_is_refused(
    owner: User, draft: Exam, said: dict[str, Any]
) -> None:
    with pytest.raises(Rejected) as caught:
        save(owner, draft, **{"token": "3", **said})
    assert caught.value.message.endswith(".")
    assert not Observation.objects.exists()
    assert trail(draft) == []


@pytest.mark.parametrize(
    ("typed", "stored"), [("12.4", "12.4"), (" 12,4 ", "12.4"), ("9", "9"), ("08.50", "08.50")]
)
def test_a_measured_number_is_stored_as_typed(owner: User, draft: Exam, typed: str, stored: str) -> None:
    save(owner, draft, finding="walk_10m_s", side="", token=typed)
    assert Observation.objects.get().token == stored


def test_a_reason_may_wait_and_a_grade_may_wait_for_how_it_counts(owner: User, draft: Exam) -> None:
    save(owner, draft, not_tested=True)
    save(owner, draft, side="right", token="3", confounder="pain")
    assert Observation.objects.count() == 2


def test_only_the_examiner_changes_an_exam(colleague: User, draft: Exam) -> None:
    with pytest.raises(Refused) as caught:
        save(colleague, draft, token="2")
    assert caught.value.status == 403
    assert not Observation.objects.exists()


def test_an_exam_of_another_clinic_does_not_exist(stranger: User, draft: Exam) -> None:
    with pytest.raises(Exam.DoesNotExist):
        save(stranger, draft, token="2")


@pytest.mark.parametrize("state", [state for state in Exam.State if state != Exam.State.DRAFT])
def test_a_signed_exam_refuses_every_answer(owner: User, draft: Exam, state: str) -> None:
    Exam.objects.filter(pk=draft.pk).update(state=state)
    with pytest.raises(Refused) as caught:
        save(owner, draft, token="2")
    assert caught.value.status == 409
    assert not Observation.objects.exists()


def test_a_step_is_saved_whole_or_not_at_all(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    answers = [
        Answer(finding="ankle_dorsiflexion", side="right", token="5"),
        Answer(finding="hip_abduction", side="left", token="9"),
        Answer(finding="ankle_dorsiflexion", side="left", token="3", revision=first.revision + 7),
    ]
    with pytest.raises(StepRefused) as caught:
        save_step(desk=factories.desk(owner), exam=draft, answers=answers)
    assert set(caught.value.errors) == {("hip_abduction", "left")}
    assert set(caught.value.conflicts) == {("ankle_dorsiflexion", "left")}
    assert [row.token for row in Observation.objects.all()] == ["2"]
    assert len(trail(draft)) == 1


def test_continuing_without_saves_what_can_be_saved(owner: User, draft: Exam) -> None:
    answers = [
        Answer(finding="ankle_dorsiflexion", side="right", token="5"),
        Answer(finding="hip_abduction", side="left", token="9"),
    ]
    save_step(desk=factories.desk(owner), exam=draft, answers=answers, leave_refused=True)
    assert [row.finding for row in Observation.objects.all()] == ["ankle_dorsiflexion"]


def test_unchanged_answers_of_a_step_are_not_saved_again(owner: User, draft: Exam) -> None:
    first = save(owner, draft, token="2")
    answers = [
        Answer(finding="ankle_dorsiflexion", side="left", token="2", revision=first.revision),
        Answer(finding="ankle_dorsiflexion", side="right", token="5"),
    ]
    save_step(desk=factories.desk(owner), exam=draft, answers=answers)
    assert [event.act for event in trail(draft)] == ["answer.saved", "answer.saved"]
    assert Observation.objects.get(side="left").revision == first.revision


def test_nothing_is_written_when_the_event_cannot_be(
    owner: User, draft: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("the trail is full")

    monkeypatch.setattr("exams.services.answers.record", broken)
    with pytest.raises(OSError, match="full"):
        save(owner, draft, token="2")
    draft.refresh_from_db()
    assert not Observation.objects.exists()
    assert (draft.revision, SavedRequest.objects.count()) == (0, 0)


def test_copied_answers_say_the_same_in_the_next_version(owner: User, draft: Exam) -> None:
    save(owner, draft, token="2", note="hangs")
    save(owner, draft, side="right", not_tested=True, reason="pain")
    at = factories.desk(owner)
    later = factories.exam(at, draft.patient)
    copy_answers(desk=at, source=draft, target=later)
    said = ["finding", "side", "token", "not_tested", "reason", "note", "revision"]
    copied = Observation.objects.filter(exam=later).order_by("side").values_list(*said)
    assert list(copied) == list(Observation.objects.filter(exam=draft).order_by("side").values_list(*said))
    assert Observation.objects.count() == 4


class TestK01RoundTrip:
    """K-01: unset, not tested, could not test, 0 and 5 stay five different things."""

    SAID: tuple[tuple[str, dict[str, Any]], ...] = (
        ("0", {"token": "0"}),
        ("5", {"token": "5"}),
        ("not tested", {"not_tested": True}),
        ("could not test", {"not_tested": True, "reason": "pain"}),
    )

    def test_they_are_different_rows_and_unset_is_no_row(self, owner: User, draft: Exam) -> None:
        kept = {"unset": tuple(Observation.objects.values_list("token", "not_tested", "reason"))}
        revision = 0
        for name, said in self.SAID:
            revision = save(owner, draft, revision=revision, **said).revision
            kept[name] = tuple(Observation.objects.values_list("token", "not_tested", "reason"))
        assert kept["unset"] == ()
        assert len(set(kept.values())) == 5

    def test_only_0_and_5_are_evidence(self, owner: User, draft: Exam) -> None:
        seen = {"unset": findings_of(draft).left.get("ankle_dorsiflexion")}
        revision = 0
        for name, said in self.SAID:
            revision = save(owner, draft, revision=revision, **said).revision
            seen[name] = findings_of(draft).left.get("ankle_dorsiflexion")
        assert seen == {"unset": None, "0": "0", "5": "5", "not tested": None, "could not test": None}

    def test_every_value_of_every_finding_comes_back_as_it_went_in(self, owner: User, draft: Exam) -> None:
        from exams.steps import asked_findings, sides_of  # noqa: PLC0415 - the lists of this one test

        for name in sorted(asked_findings()):
            finding = CATALOGUE[name]
            lowest = [f"{finding.scale.minimum:g}"] if finding.scale.kind == "number" else []
            tokens = [value.token for value in finding.scale.values if value.offered] or lowest
            side = sides_of(finding)[0]
            revision = 0
            for token in tokens:
                saved = save(owner, draft, finding=name, side=side, token=token, revision=revision)
                revision = saved.revision
                assert Observation.objects.get(finding=name, side=side).token == token
