"""The supervisor's own look comes first: nobody else's opinion is on the page, not even hidden."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.models import AuditEvent, Clinic
from clinics.refusals import Refused
from exams.models import Exam, Opinion
from exams.services.flags import meet_flags
from exams.services.review import LOOKED_BEFORE, look_first
from exams.services.signing import document_of, sign_exam
from exams.views.review import BLIND_PARTS
from tests import factories
from tests.web.reported import FIBULAR, fibular_exam, ready_to_sign
from tests.web.reviewed import THOUGHT, address, looked_at, submitted_exam

SignIn = Callable[[User], Client]


@pytest.fixture
def submitted(owner: User) -> Exam:
    return submitted_exam(owner)


def opinions_of_others(exam: Exam) -> list[str]:
    """Return the words by which the examiner's impression or the engine's answer would show."""
    document = document_of(exam.signed_reports.get())
    conclusion = document["conclusion"]
    words = [THOUGHT, "canarythought", document["impression"]["lead"], conclusion["headline"]]
    words += [
        reason["text"]
        for site in conclusion["ranked"]
        for side in ("for", "against")
        for reason in site[side]
    ]
    words += [conclusion["not_apart"], conclusion["stable"], conclusion["what_would_change"]]
    words += [missing["text"] for missing in conclusion["missing"]]
    words += [conclusion["missing_rest"]]
    words += [option["text"] for option in document["options"]["steps"]]
    return [word for word in words if word]


def shown(content: bytes) -> str:
    """Return the page's source as a person would read it: its entities are characters again."""
    return html.unescape(content.decode(errors="replace"))


def test_the_canaries_of_these_tests_stand_in_the_signed_report(submitted: Exam) -> None:
    assert document_of(submitted.signed_reports.get())["conclusion"]["placed"]
    assert len(opinions_of_others(submitted)) > 10


def test_the_blind_look_shows_findings_and_red_flags_and_no_opinion_of_others(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    response = client.get(address("review", submitted), follow=True)
    assert response.redirect_chain == [(address("review_look", submitted), 302)]
    assert set(response.context["document"]) == set(BLIND_PARTS)
    page = shown(response.content)
    assert "Ankle dorsiflexion" in page
    assert "Red flags:" in page
    assert "Patient’s LEFT" in page
    for hidden in opinions_of_others(submitted):
        assert hidden not in page
    for mark in ("rank-1", 'class="bars', "pathway", "Strong", "checked"):
        assert mark not in page


def test_groups_without_a_value_stand_together_and_say_why(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = submitted_exam(owner, protocol="full")
    response = sign_in(supervisor).get(address("review_look", exam))
    page = shown(response.content)
    untold = [table for table in response.context["document"]["tables"] if not table["told"]]
    assert {table["group"] for table in untold} == {"reflexes", "measured", "electrodiagnosis"}
    together = page.partition('id="groups-untested"')[2].partition("</section>")[0]
    for table in untold:
        assert f"{table['label']}.</b> {' '.join(table['rest'])}" in together
        assert f'id="group-{table["group"]}"' not in page
    complete = submitted_exam(owner)
    assert "groups-untested" not in shown(sign_in(supervisor).get(address("review_look", complete)).content)


@pytest.mark.parametrize(("side", "grades"), [("left", ["2", "5"]), ("right", ["5", "2"])])
def test_the_left_column_holds_the_left_leg(
    owner: User, supervisor: User, sign_in: SignIn, side: str, grades: list[str]
) -> None:
    exam = submitted_exam(owner, side=side)
    client = sign_in(supervisor)
    first = shown(client.get(address("review_look", exam)).content)
    second = shown(
        client.post(address("review_look", exam), {"site": "sciatic", "text": ""}, follow=True).content
    )
    for page in (first, second):
        table = page[page.index('id="group-strength"') :]
        assert re.findall(r'<th scope="col">(.*?)</th>', table)[1:3] == ["Patient’s LEFT", "Patient’s RIGHT"]
        row = table[table.index(">Ankle dorsiflexion<") :].partition("</tr>")[0]
        assert re.findall(r"</svg>(\S+)</span>", row) == grades
        assert f"patient’s <b>{side.upper()}</b>" in page


def test_no_other_page_of_the_exam_shows_the_answer_before_the_look(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    pages = ["exam", "report", "report_pdf", "review", "patient"]
    for name in pages:
        target = submitted.patient if name == "patient" else submitted
        response = client.get(address(name, target), follow=True)
        page = shown(response.content)
        assert not [word for word in opinions_of_others(submitted) if word in page], name
    for path in ("/", "/reviews/", "/reports/"):
        page = shown(client.get(path).content)
        assert not [word for word in opinions_of_others(submitted) if word in page], path


def test_after_the_look_the_three_opinions_stand_side_by_side_in_fixed_order(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    said = {"site": "sciatic", "text": "Short head of biceps?"}
    page = shown(client.post(address("review_look", submitted), said, follow=True).content)
    headline = document_of(submitted.signed_reports.get())["conclusion"]["headline"]
    order = [page.index(words) for words in ("Short head of biceps?", THOUGHT, headline)]
    assert order == sorted(order)
    assert "before the others" in page
    assert "The opinions differ" in page
    look = Opinion.objects.get(exam=submitted, voice=Opinion.Voice.SUPERVISOR)
    assert (look.site, look.author, look.answer_in_view) == ("sciatic", supervisor, False)


def test_agreement_of_all_three_is_said(submitted: Exam, supervisor: User, sign_in: SignIn) -> None:
    looked_at(supervisor, submitted)
    assert "All three agree" in sign_in(supervisor).get(address("review", submitted)).content.decode()


def test_a_look_without_a_level_is_refused_and_keeps_its_text(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    response = sign_in(supervisor).post(address("review_look", submitted), {"text": "Not sure yet"})
    page = shown(response.content)
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert page.count("Choose the level that fits best") == 2
    assert "Not sure yet" in page
    assert not [word for word in opinions_of_others(submitted) if word in page]
    assert not Opinion.objects.filter(voice=Opinion.Voice.SUPERVISOR).exists()


def test_a_look_is_given_once_and_stays(submitted: Exam, supervisor: User, sign_in: SignIn) -> None:
    looked_at(supervisor, submitted, "sciatic", "First thought")
    with pytest.raises(Refused, match="stays as it was"):
        look_first(desk=factories.desk(supervisor), exam=submitted, site="brain", text="")
    response = sign_in(supervisor).post(address("review_look", submitted), {"site": "brain"})
    assert response.status_code == 409
    assert LOOKED_BEFORE in response.content.decode()
    assert Opinion.objects.get(voice=Opinion.Voice.SUPERVISOR).site == "sciatic"


def test_one_supervisors_look_does_not_open_the_rest_to_another(
    submitted: Exam, clinic: Clinic, supervisor: User, sign_in: SignIn
) -> None:
    looked_at(supervisor, submitted)
    second = factories.person(clinic, "supervisor", "Sanna Second")
    response = sign_in(second).get(address("review", submitted))
    assert response.headers["Location"] == address("review_look", submitted)


def test_a_clinic_may_review_without_a_first_look(
    submitted: Exam, clinic: Clinic, supervisor: User, sign_in: SignIn
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(blind_look=False)
    page = sign_in(supervisor).get(address("review", submitted)).content.decode()
    assert THOUGHT in page
    assert "reviews without a first look" in page


def test_the_page_shows_what_was_signed_and_not_what_the_patient_is_called_now(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    type(submitted.patient).objects.update(family_name="Renamed")
    page = sign_in(supervisor).get(address("review_look", submitted)).content.decode()
    assert "Lindqvist, Astrid" in page
    assert "Renamed" not in page


def test_opening_and_looking_are_in_the_trail(submitted: Exam, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    client.get(address("review_look", submitted))
    client.post(address("review_look", submitted), {"site": "sciatic", "text": ""})
    mine = AuditEvent.objects.filter(user=supervisor, subject=submitted.patient_id).order_by("sequence")
    assert list(mine.values_list("act", flat=True)) == ["review.opened", "review.looked"]


def test_where_no_level_was_placed_that_is_what_is_agreed_to(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    exam = submitted_exam(owner, **{**dict.fromkeys(FIBULAR), "back_pain": "no"})
    assert not document_of(exam.signed_reports.get())["conclusion"]["placed"]
    looked_at(supervisor, exam, site="")
    page = sign_in(supervisor).get(address("review", exam)).content.decode()
    assert "I agree that no single level is named" in page
    assert "I agree with the level shown" not in page


def test_where_a_level_was_placed_it_is_agreed_to(submitted: Exam, supervisor: User, sign_in: SignIn) -> None:
    looked_at(supervisor, submitted)
    page = sign_in(supervisor).get(address("review", submitted)).content.decode()
    assert "I agree with the level shown" in page
    assert "no single level is named" not in page


def test_a_red_flag_somebody_was_told_of_says_who_and_when_in_the_words_of_the_report(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk, bladder_bowel="yes"), THOUGHT)
    done: dict[str, Any] = {"told": "on_call_team", "action": "MRI tonight.", "key": uuid4()}
    meet_flags(desk=desk, exam=exam, flags=["cauda_equina"], **done)
    signing: dict[str, Any] = {"password": factories.PASSWORD, "confirmed_patient": True}
    sign_exam(desk=desk, exam=exam, confirmed_side=exam.affected_side, **signing)
    page = shown(sign_in(supervisor).get(address("review_look", exam)).content)
    line = " ".join(page.partition("rf-line on")[2].partition("</summary>")[0].split())
    assert "Told the on-call specialist (neurology, neurosurgery, spinal or vascular), " in line
    assert "Agreed: MRI tonight. Recorded by Olive Owner, " in line
    assert "Acknowledged" not in line


def test_what_was_not_asked_is_counted_in_one_line_and_named_behind_it(
    submitted: Exam, supervisor: User, sign_in: SignIn
) -> None:
    flags = document_of(submitted.signed_reports.get())["red_flags"]
    page = " ".join(shown(sign_in(supervisor).get(address("review_look", submitted)).content).split())
    summary, _, behind = page.partition("rf-line")[2].partition("</summary>")
    assert f"{len(flags['unasked'])} red-flag questions or signs not asked or tested." in summary
    assert flags["summary"] not in summary
    assert flags["summary"] in behind
