"""The sides of a draft are corrected by its examiner, with an event, and no answer changes its leg."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.audit import values_of
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Exam
from exams.services.details import change_sides
from exams.services.localizing import findings_of
from exams.side_forms import CHOOSE_WORSE
from tests import factories

pytestmark = pytest.mark.django_db
ANSWERS = {"ankle_dorsiflexion.left": "2", "ankle_dorsiflexion.right": "2", "hip_abduction.left": "4"}
BOTH = {"affected_side": "bilateral", "worse_side": "right", "comparison_side": "none"}


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), answers=ANSWERS)


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


def address(exam: Exam) -> str:
    return reverse("exams:details", args=[exam.pk])


def page(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def rows(exam: Exam) -> list[tuple[Any, ...]]:
    return sorted(exam.observations.values_list("finding", "side", "token", "revision"))


def sides(exam: Exam) -> dict[str, str]:
    return dict(Exam.objects.filter(pk=exam.pk).values(*BOTH).get())


def changes() -> int:
    return AuditEvent.objects.filter(act="exam.side_changed").count()


def test_K05_the_examiner_corrects_the_sides_and_every_answer_stays_on_its_leg(
    examiner: Client, draft: Exam
) -> None:
    before = rows(draft)
    html = page(examiner.get(address(draft)))
    assert "Recorded answers never move from one leg to the other" in html
    assert html.count(" checked") == 1
    answer = examiner.post(address(draft), BOTH)
    assert answer["Location"] == reverse("exams:exam", args=[draft.pk])
    assert sides(draft) == BOTH
    assert rows(draft) == before
    draft.refresh_from_db()
    assert findings_of(draft).index == "right"
    event = AuditEvent.objects.get(act="exam.side_changed")
    none = {"affected_side": "left", "worse_side": "", "comparison_side": ""}
    assert values_of(event) == {"old": none, "new": BOTH}
    assert event.subject == draft.patient_id


def test_the_page_shows_what_the_record_holds(owner: User, examiner: Client, draft: Exam) -> None:
    change_sides(desk=factories.desk(owner), exam=draft, **BOTH)
    assert page(examiner.get(address(draft))).count(" checked") == 3
    one = {"affected_side": "right", "worse_side": "", "comparison_side": "none"}
    change_sides(desk=factories.desk(owner), exam=draft, **one)
    html = page(examiner.get(address(draft)))
    assert html.count(" checked") == 2
    assert 'name="other_leg" id="id_other_leg" checked' in html


@pytest.mark.parametrize("leg", ["left", "right"])
@pytest.mark.parametrize("worse", ["left", "right", "alike"])
@pytest.mark.parametrize(("compared", "kept"), [("none", "none"), ("left", ""), ("right", "")])
def test_K05_two_feet_are_corrected_to_one_with_one_choice(
    examiner: Client, draft: Exam, leg: str, worse: str, compared: str, kept: str
) -> None:
    two = {"affected_side": "bilateral", "worse_side": worse, "comparison_side": compared}
    Exam.objects.filter(pk=draft.pk).update(**two)
    # A radio that was chosen cannot be left again: what the record holds is sent with the new side.
    assert examiner.post(address(draft), {**two, "affected_side": leg}).status_code == 302
    assert sides(draft) == {"affected_side": leg, "worse_side": "", "comparison_side": kept}


def test_a_worse_foot_that_is_said_anew_of_one_side_is_refused(
    owner: User, examiner: Client, draft: Exam
) -> None:
    change_sides(desk=factories.desk(owner), exam=draft, **BOTH)
    answer = examiner.post(address(draft), {**BOTH, "affected_side": "left", "worse_side": "left"})
    assert (answer.status_code, sides(draft)) == (422, BOTH)


def test_the_same_sides_again_write_nothing(owner: User, draft: Exam) -> None:
    for _ in range(2):
        change_sides(desk=factories.desk(owner), exam=draft, **BOTH)
    assert changes() == 1


def test_what_is_missing_or_does_not_fit_changes_nothing(owner: User, examiner: Client, draft: Exam) -> None:
    before = sides(draft)
    answer = examiner.post(address(draft), {**BOTH, "worse_side": ""})
    assert answer.status_code == 422
    assert CHOOSE_WORSE.replace("'", "&#x27;") in page(answer)
    for wrong in ({"worse_side": "none"}, {"affected_side": "left"}):
        with pytest.raises(Refused, match="Nothing was changed"):
            change_sides(desk=factories.desk(owner), exam=draft, **{**BOTH, **wrong})
    assert (sides(draft), changes()) == (before, 0)


def test_another_clinic_a_colleague_and_a_signed_exam_are_refused(
    stranger: User, examiner: Client, draft: Exam, sign_in: Callable[[User], Client]
) -> None:
    colleague = factories.person(draft.clinic, "examiner", "Carl Colleague")
    for person, status in ((stranger, 404), (colleague, 403)):
        client = sign_in(person)
        assert client.get(address(draft)).status_code == status
        assert client.post(address(draft), BOTH).status_code == status
    Exam.objects.filter(pk=draft.pk).update(state=Exam.State.SUBMITTED)
    assert examiner.get(address(draft)).status_code == 409
    assert examiner.post(address(draft), BOTH).status_code == 409
    assert (sides(draft)["affected_side"], changes()) == ("left", 0)


def test_the_banner_and_the_check_page_lead_there(examiner: Client, draft: Exam) -> None:
    step = page(examiner.get(reverse("exams:step", args=[draft.pk, "gait"])))
    assert f'<a class="side-tag" href="{address(draft)}">' in step
    check = page(examiner.get(reverse("exams:check", args=[draft.pk])))
    assert f'<a class="linkish" href="{address(draft)}">' in check
