"""What the report says of red flags: what was asked, what was done, and what could not be worked out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from exams.document.words import moment
from exams.models import Observation
from exams.services import localizing
from exams.services.exams import give_impression
from exams.services.flags import meet_flags
from localization import CATALOGUE, PHRASES, red_flag_findings
from tests import factories
from tests.web.reported import CASES, EXAMINED, document_of_exam, exam_of_case, fibular_exam

pytestmark = pytest.mark.django_db


def test_red_flags_are_never_said_to_be_absent_when_something_was_not_asked(owner: User) -> None:
    desk = factories.desk(owner)
    core = document_of_exam(fibular_exam(desk))["red_flags"]
    assert core["summary"].startswith("Red flags: none recorded; not asked: ")
    assert "Saddle area" in core["summary"]  # a sign, not a question: it was not tested
    assert "plantar_response" in core["unasked"]
    assert "bladder_bowel" not in core["unasked"]


def test_all_asked_is_said_only_when_every_question_and_sign_has_a_value(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    benign = {
        "reflex": "normal",
        "sensation": "normal",
        "plantar": "flexor",
        "tone": "normal",
        "yes_no": "no",
    }
    for name in red_flag_findings():
        finding = CATALOGUE[name]
        for side in ("left", "right") if finding.sided else ("",):
            Observation.objects.get_or_create(
                exam=exam,
                finding=name,
                side=side,
                defaults={
                    "clinic": exam.clinic,
                    "token": benign.get(finding.scale.id, "5"),
                    "revision": 500,
                    "recorded_by": exam.examiner,
                    "recorded": exam.started,
                },
            )
    flags = document_of_exam(exam)["red_flags"]
    assert flags["flags"] == []
    expected = PHRASES["red_flags_none_all_asked"].format(n=len(red_flag_findings()))
    assert flags["summary"] == expected
    Observation.objects.filter(exam=exam, finding="ankle_clonus", side="right").delete()
    summary = document_of_exam(exam)["red_flags"]["summary"]
    assert summary == "Red flags: none recorded; not asked: Ankle clonus (patient's RIGHT)."


def test_a_red_flag_prints_with_its_finding_and_what_was_done(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    for told, action in (("on_call_team", "MRI tonight."), ("patient", "Goes there by taxi.")):
        meet_flags(desk=desk, exam=exam, flags=["cauda_equina"], told=told, action=action, key=uuid4())
    (flag,) = [flag for flag in document_of_exam(exam)["red_flags"]["flags"] if flag["id"] == "cauda_equina"]
    assert flag["banner"].startswith("Red flag recorded: ")
    assert "Bladder" in flag["banner"]
    assert flag["say"] == "Follow your local urgent pathway."
    first, second = flag["actions"]
    done = exam.red_flag_actions.first()
    assert done is not None
    assert done.told_at is not None
    when = moment(done.told_at, exam.clinic)
    assert first == (
        f"Told the on-call specialist (neurology, neurosurgery, spinal or vascular), {when}. "
        f"Agreed: MRI tonight. Recorded by Olive Owner, {when}."
    )
    assert second.startswith("Told the patient only, ")
    assert "Agreed: Goes there by taxi." in second


def test_what_was_done_before_anybody_asked_who_was_told_still_prints(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    exam.red_flag_actions.create(
        clinic=exam.clinic, flag="cauda_equina", action="Rang the spinal team.", by=owner, at=EXAMINED
    )
    (flag,) = document_of_exam(exam)["red_flags"]["flags"]
    (action,) = flag["actions"]
    assert action.startswith("Acknowledged by Olive Owner, 24 Nov 2026, 10:15 ")
    assert action.endswith("Action noted: Rang the spinal team.")


@pytest.mark.parametrize("path", CASES[::6], ids=lambda path: path.stem)
def test_only_the_reports_own_block_speaks_of_red_flags_not_asked(owner: User, path: Path) -> None:
    document = document_of_exam(exam_of_case(factories.desk(owner), path))
    for notice in document["conclusion"]["notices"]:
        assert not re.search(r"red flags?:|not asked|asked or tested", notice, re.IGNORECASE), notice


def boom(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("the engine fell over")


def test_K10_without_an_engine_the_report_says_so_and_everything_else_is_whole(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    give_impression(desk=desk, exam=exam, site="common_fibular", text="My own view.", answer_in_view=False)
    with_engine = document_of_exam(exam)
    monkeypatch.setattr(localizing, "localize", boom)
    document = document_of_exam(exam)
    assert document["conclusion"]["headline"].startswith("No localisation available")
    assert document["conclusion"]["ranked"] == []
    assert document["options"]["steps"] == []
    for part in (
        "identity",
        "exam",
        "tables",
        "counts",
        "impression",
        "limits",
        "intended_use",
        "record_digest",
    ):
        assert document[part] == with_engine[part], part
    flags = [flag["banner"] for flag in document["red_flags"]["flags"]]
    assert flags == [flag["banner"] for flag in with_engine["red_flags"]["flags"]]
    assert flags
    (figure,) = document["figures"]
    assert figure["muscles"]["ankle_dorsiflexion"]["text"] == "2"
    assert not any(site["rank"] for site in figure["sites"].values())


def test_K06_red_flag_rules_that_fail_are_never_read_as_none(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localizing, "red_flags", boom)
    flags = document_of_exam(fibular_exam(factories.desk(owner)))["red_flags"]
    assert set(flags["unasked"]) == set(red_flag_findings())
    assert "Bladder" in flags["summary"]
