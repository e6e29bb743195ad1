"""The check page: what is open comes first, everything is read back, and a signature is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.models import Exam
from exams.services.checking import open_answers
from exams.services.exams import give_impression
from exams.steps import core_findings, places_of, steps_for
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def url(exam: Exam) -> str:
    return reverse("exams:check", args=[exam.pk])


def test_everything_asked_is_open_at_first_and_the_core_is_required(draft: Exam) -> None:
    found = open_answers(draft)
    places = list(places_of(steps_for("full")))
    assert len(found) == len(places) + 1
    required = [item for item in found if item.required]
    assert list(found[: len(required)]) == required
    assert {item.finding for item in required} == core_findings() | {""}
    assert required[-1].text == "Write your own impression"


def test_a_missing_reason_and_an_undecided_count_are_open_as_well(owner: User, draft: Exam) -> None:
    desk = factories.desk(owner)
    factories.answer(desk, draft, "slump.left", "", not_tested=True)
    factories.answer(desk, draft, "toe_flexion.right", "3", confounder="pain")
    texts = {item.text: item.required for item in open_answers(draft)}
    assert texts["Choose why “Slump test”, patient's LEFT was not tested"]
    factories.answer(desk, draft, "cancer", "", not_tested=True)
    asked = {item.text for item in open_answers(draft)}
    assert "Choose why “Cancer, now or before” was not asked" in asked
    assert "Select an answer for “Back pain”, or Not asked" in asked
    assert "Select the strength of hip abduction, patient's LEFT, or Not tested" in asked
    assert texts["Decide how to count “Toe flexion”, patient's RIGHT: as weak, as normal, or not at all"]


def test_the_rail_and_the_sign_panel_say_one_number_when_answers_are_unfinished(
    owner: User, examiner: Client, draft: Exam
) -> None:
    desk = factories.desk(owner)
    factories.answer(desk, draft, "slump.left", "", not_tested=True)
    factories.answer(desk, draft, "toe_flexion.right", "3", confounder="pain")
    factories.answer(desk, draft, "hip_abduction.left", "5")
    answer = examiner.get(url(draft))
    progress = answer.context["frame"].progress
    count = sum(item.finding != "" for item in open_answers(draft))
    assert (progress.recorded, progress.not_tested, progress.open) == (1, 0, count)
    assert progress.total == len(list(places_of(steps_for("full"))))
    page = answer.content.decode()
    assert f"<dt>Open</dt><dd>{count}</dd>" in page
    assert f'<b class="num">{count}</b> open' in page


def open_part(page: str) -> str:
    """Return the markup of what is open, with everything before and after it left out."""
    return page.partition('aria-labelledby="open-title"')[2].partition("</section>")[0]


def test_many_open_answers_are_grouped_by_step_with_what_signing_needs_first(
    examiner: Client, draft: Exam
) -> None:
    answer = examiner.get(url(draft))
    part = open_part(answer.content.decode())
    found = open_answers(draft)
    needed, rest = answer.context["required_open"], answer.context["rest_open"]
    steps = steps_for("full")
    assert part.count("<a ") == len(needed) + len(rest) < 2 * len(steps)
    assert part.index("Needed before signing") < part.index(">Mark the rest as not done<")
    assert part.index(">Mark the rest as not done<") < part.index(
        f"Also open: {answer.context['rest_count']}"
    )
    counted = [re.fullmatch(r"(.+): (\d+) answers? open", link.text) for link in [*needed[:-1], *rest]]
    assert sum(int(match[2]) for match in counted if match) == len(found) - 1
    assert {match[1] for match in counted if match} == {step.title for step in steps if step.finding_ids}
    assert needed[-1].text == "Write your own impression"
    # The impression is no answer: the rail and the panel beside count without it.
    count = len(found) - 1
    assert count == answer.context["frame"].progress.open
    assert f"{count} answers open, and your impression" in part
    assert f"<dt>Open</dt><dd>{count}</dd>" in answer.content.decode()
    assert all("return=check#" in link.href for link in [*needed[:-1], *rest])


def test_each_group_leads_to_the_first_open_answer_of_its_step(
    owner: User, examiner: Client, draft: Exam
) -> None:
    desk = factories.desk(owner)
    step = next(step for step in steps_for("full") if "ankle_reflex" in step.finding_ids)
    first, second = step.places[:2]
    factories.answer(desk, draft, ".".join(first), "normal")
    rest = examiner.get(url(draft)).context["rest_open"]
    (link,) = [link for link in rest if link.text.startswith(f"{step.title}: ")]
    assert link.href.endswith(f"/steps/{step.slug}/?return=check#{'-'.join(second)}")
    assert examiner.get(link.href).status_code == 200


def test_few_open_answers_are_listed_one_by_one(owner: User, examiner: Client) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk, protocol="full")
    places = list(places_of(steps_for("full")))
    left_out = [place for place in places if place[0] not in core_findings()][-12:]
    for finding, side in places:
        if (finding, side) not in left_out:
            place = f"{finding}.{side}" if side else finding
            factories.answer(desk, exam, place, "", not_tested=True, reason="time")
    answer = examiner.get(url(exam))
    assert [link.text for link in answer.context["required_open"]] == ["Write your own impression"]
    asked = [item.text for item in open_answers(exam) if not item.required]
    assert [link.text for link in answer.context["rest_open"]] == asked
    assert len(asked) == 12
    assert "Also open: 12 answers" in open_part(answer.content.decode())


def test_a_complete_core_exam_has_nothing_open(owner: User) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk)
    for finding, side in places_of(steps_for("core")):
        place = f"{finding}.{side}" if side else finding
        factories.answer(desk, exam, place, "", not_tested=True, reason="time")
    give_impression(desk=desk, exam=exam, site="root_L5", text="", answer_in_view=True)
    assert open_answers(exam) == ()


def test_the_page_reads_back_in_words_with_sides_and_links_that_return(
    owner: User, examiner: Client, draft: Exam
) -> None:
    desk = factories.desk(owner)
    factories.answer(desk, draft, "ankle_dorsiflexion.left", "4-", confounder="pain", count_as="weak")
    factories.answer(desk, draft, "ankle_dorsiflexion.right", "", not_tested=True, reason="cast_or_splint")
    factories.answer(desk, draft, "gait_pattern", "foot_slap")
    give_impression(desk=desk, exam=draft, site="common_fibular", text="Crossed legs", answer_in_view=True)
    answer = examiner.get(url(draft))
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("4−", "limited by pain; counted as weak", "Not tested", "Cast or splint", "Foot slap"):
        assert words.lower() in page.lower()
    assert "Crossed legs" in page
    assert "return=check#ankle_dorsiflexion-left" in page
    sections = {section.step.slug: section for section in answer.context["sections"]}
    ankle = sections["ankle-and-toes"]
    assert (ankle.recorded, ankle.not_tested, ankle.total) == (1, 1, 12)
    row = ankle.rows[0]
    assert [value.side for value in row.values] == ["left", "right"]
    assert [value.state for value in row.values] == ["abnormal", "not_tested"]
    assert not row.is_open
    assert ankle.rows[1].is_open


def test_the_side_is_chosen_again_and_the_patient_confirmed_anew(examiner: Client, draft: Exam) -> None:
    page = examiner.get(url(draft)).content.decode()
    assert 'name="confirmed_side"' in page
    assert 'name="confirmed_patient"' in page
    assert " checked" not in page


def test_H12_a_signature_with_open_answers_is_refused_with_a_summary(examiner: Client, draft: Exam) -> None:
    """H-12: submitting with a required finding missing is refused with the error summary."""
    said = {"confirmed_patient": "on", "confirmed_side": "left", "password": factories.PASSWORD}
    answer = examiner.post(reverse("exams:sign", args=[draft.pk]), said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert "return=check#hip_abduction-left" in page
    draft.refresh_from_db()
    assert draft.state == Exam.State.DRAFT


@pytest.mark.parametrize("finding", sorted(core_findings()))
def test_H12_each_required_finding_is_missed(owner: User, finding: str) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk)
    for name, side in places_of(steps_for("core")):
        if name != finding:
            place = f"{name}.{side}" if side else name
            factories.answer(desk, exam, place, "", not_tested=True, reason="time")
    give_impression(desk=desk, exam=exam, site="", text="", answer_in_view=True)
    assert {item.finding for item in open_answers(exam) if item.required} == {finding}


def test_another_persons_draft_is_not_checked(
    colleague: User, stranger: User, sign_in: Callable[[User], Client], draft: Exam
) -> None:
    assert sign_in(colleague).get(url(draft)).status_code == 403
    assert sign_in(stranger).get(url(draft)).status_code == 404


def test_the_report_can_be_read_before_it_is_signed(examiner: Client, draft: Exam) -> None:
    page = examiner.get(url(draft)).content.decode()
    report = reverse("exams:report", args=[draft.pk])
    assert f'href="{report}">Preview the report</a>' in page
    assert examiner.get(report).status_code == 200
