"""What the forms read, keep and refuse."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict

from exams.forms import PatientForm, StartExamForm
from exams.models import Exam
from exams.services.answers import Answer, StepRefused, save_step
from exams.sheet import sheet_of
from exams.step_form import StepForm
from exams.steps import STEPS, Step, protocol_findings
from localization import CATALOGUE
from tests import factories

PATIENT = {
    "family_name": "Lindqvist",
    "given_name": "Astrid",
    "birth_date": "1961-03-14",
    "sex": "female",
    "number": "FD-1042",
}


def step(slug: str) -> Step:
    return next(step for step in STEPS if step.slug == slug)


def test_a_protocol_says_how_long_its_tests_take_by_the_catalogue() -> None:
    labels = dict(StartExamForm.base_fields["protocol"].choices)  # type: ignore[attr-defined]
    for protocol in (Exam.Protocol.CORE, Exam.Protocol.FULL):
        minutes = sum(CATALOGUE[name].minutes for name in protocol_findings(protocol))
        assert labels[protocol].endswith(f" About {minutes:.0f} minutes.")


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def form(draft: Exam, slug: str = "ankle-and-toes", said: dict[str, str] | None = None) -> StepForm:
    data = QueryDict(urlencode(said)) if said is not None else None
    return StepForm(step(slug), draft, sheet_of(draft).stored, data)


@pytest.mark.django_db
def test_a_step_offers_exactly_the_scales_values_and_pre_selects_none(draft: Exam) -> None:
    for entry in STEPS:
        for row in StepForm(entry, draft, {}).rows:
            for side in row.sides:
                offered = [value.token for value in row.finding.scale.values if value.offered]
                assert [choice.token for choice in side.choices] == offered
                assert not any(choice.checked for choice in side.choices)
                assert not side.answered


@pytest.mark.django_db
def test_left_stands_before_right_and_the_affected_side_says_so(draft: Exam) -> None:
    left, right = form(draft).rows[0].sides
    assert left.legend == "Ankle dorsiflexion, tibialis anterior, patient's LEFT, affected side"
    assert right.legend == "Ankle dorsiflexion, tibialis anterior, patient's RIGHT"
    assert (left.is_affected, right.is_affected) == (True, False)
    assert (left.prefix, left.dom_id) == ("ankle_dorsiflexion.left", "ankle_dorsiflexion-left")


@pytest.mark.django_db
def test_what_was_said_is_read_back_as_answers(draft: Exam) -> None:
    sent = form(
        draft,
        said={
            "ankle_dorsiflexion.left.token": "2",
            "ankle_dorsiflexion.left.confounder": "pain",
            "ankle_dorsiflexion.left.count_as": "weak",
            "ankle_dorsiflexion.left.note": " hangs ",
            "ankle_dorsiflexion.right.token": "not_tested",
            "ankle_dorsiflexion.right.reason": "cast_or_splint",
        },
    )
    assert sent.is_valid()
    assert sent.answers() == (
        Answer(
            finding="ankle_dorsiflexion",
            side="left",
            token="2",
            confounder="pain",
            count_as="weak",
            note="hangs",
        ),
        Answer(finding="ankle_dorsiflexion", side="right", not_tested=True, reason="cast_or_splint"),
    )


@pytest.mark.django_db
def test_details_of_an_answer_chosen_before_are_dropped(draft: Exam) -> None:
    sent = form(
        draft,
        said={
            "ankle_dorsiflexion.left.token": "5",
            "ankle_dorsiflexion.left.confounder": "pain",
            "ankle_dorsiflexion.left.count_as": "weak",
            "ankle_dorsiflexion.left.reason": "pain",
        },
    )
    assert sent.is_valid()
    assert sent.answers() == (Answer(finding="ankle_dorsiflexion", side="left", token="5"),)


@pytest.mark.django_db
def test_saying_nothing_about_a_stored_answer_is_not_clearing_it(owner: User, draft: Exam) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "2")
    sent = form(draft, said={"ankle_dorsiflexion.left.revision": "0"})
    assert sent.is_valid()
    assert sent.answers() == ()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "extra", [{}, {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.left.clear": "1"}]
)
def test_an_answer_taken_away_on_the_page_is_cleared(owner: User, draft: Exam, extra: dict[str, str]) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "2")
    sent = form(draft, said={"ankle_dorsiflexion.left.revision": "1", **extra})
    assert sent.is_valid()
    (answer,) = sent.answers()
    assert answer.cleared


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"ankle_dorsiflexion.left.note": "a note without an answer"},
        {"ankle_dorsiflexion.left.reason": "pain"},
        {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.left.revision": "x"},
        {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.left.revision": "-1"},
        {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.left.note": "n" * 501},
        {"ankle_dorsiflexion.left.token": "2\x00"},
    ],
)
def test_what_cannot_be_read_is_refused_and_stays_on_the_page(draft: Exam, said: dict[str, str]) -> None:
    sent = form(draft, said={**said, "ankle_dorsiflexion.right.token": "5"})
    assert not sent.is_valid()
    assert sent.status == 422
    (href, sentence), *_ = sent.error_summary
    left, right = sent.rows[0].sides
    assert href == "#ankle_dorsiflexion-left"
    assert left.errors
    assert sentence in left.errors
    assert left.note == said.get("ankle_dorsiflexion.left.note", "").strip()
    assert right.token == "5"


@pytest.mark.django_db
def test_a_refused_step_keeps_everything_that_was_typed(draft: Exam) -> None:
    sent = form(
        draft,
        said={
            "ankle_dorsiflexion.left.token": "7",
            "ankle_dorsiflexion.left.note": "cannot lift",
            "toe_flexion.right.token": "4+",
        },
    )
    assert not sent.is_valid()
    left = sent.rows[0].sides[0]
    assert (left.token, left.note, sent.status) == ("7", "cannot lift", 422)
    assert "Choose 0, 1, 2" in left.errors[0]
    assert sent.rows[-1].sides[1].token == "4+"


@pytest.mark.django_db
def test_a_conflict_shows_both_values_and_the_revision_to_keep_ones_own(owner: User, draft: Exam) -> None:
    at = factories.desk(owner)
    factories.answer(at, draft, "ankle_dorsiflexion.left", "2")
    sent = form(draft, said={"ankle_dorsiflexion.left.token": "4-"})
    assert sent.is_valid()
    with pytest.raises(StepRefused) as refused:
        save_step(desk=at, exam=draft, answers=sent.answers())
    sent.refuse(refused.value)
    conflict = sent.rows[0].sides[0].conflict
    assert conflict is not None
    assert (conflict.yours, conflict.theirs, conflict.theirs_revision) == ("4−", "2", 1)
    assert (conflict.who, sent.status) == ("Olive Owner", 409)
    assert "changed elsewhere" in sent.error_summary[0][1]


@pytest.mark.django_db
def test_a_value_that_screens_do_not_offer_is_still_shown_when_recorded(owner: User, draft: Exam) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_dorsiflexion.left", "3+")
    chosen = [choice.token for choice in form(draft).rows[0].sides[0].choices if choice.checked]
    assert chosen == ["3+"]


def test_a_patient_is_read_with_several_ways_of_writing_the_birth_date() -> None:
    for written in ("1961-03-14", "14/03/1961", "14.03.1961", "14 Mar 1961"):
        sent = PatientForm({**PATIENT, "birth_date": written})
        assert sent.is_valid(), sent.errors
        assert sent.cleaned_data["birth_date"] == date(1961, 3, 14)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", ""),
        ("family_name", "x" * 81),
        ("given_name", "a\x00b"),
        ("birth_date", "yesterday"),
        ("birth_date", (date.today() + timedelta(days=2)).isoformat()),  # noqa: DTZ011 - any day ahead
        ("birth_date", "1801-01-01"),
        ("sex", "other thing"),
        ("number", ""),
    ],
)
def test_a_patient_that_cannot_be_is_refused(field: str, value: str) -> None:
    sent = PatientForm({**PATIENT, field: value})
    assert not sent.is_valid()
    assert list(sent.errors) == [field]


def test_starting_an_exam_pre_selects_neither_protocol_nor_side() -> None:
    html = StartExamForm().as_p()
    assert "checked" not in html
    assert not StartExamForm({}).is_valid()
    both = {"protocol": "core", "affected_side": "bilateral"}
    assert not StartExamForm(both).is_valid()
    assert StartExamForm(both | {"worse_side": "alike", "comparison_side": "none"}).is_valid()


def test_every_confounder_offered_belongs_to_strength() -> None:
    from exams.answer import confounders_of  # noqa: PLC0415 - the list of this one test

    offered = confounders_of(CATALOGUE["hip_abduction"])
    assert offered
    assert all("strength" in entry.affects for entry in CATALOGUE.confounders if entry in offered)
    assert confounders_of(CATALOGUE["gait_pattern"]) == ()
