"""Starting an exam of one foot or of two: what is asked, what is refused, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinics.audit import values_of
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Exam, Patient
from exams.services.exams import start_exam
from exams.side_forms import CHOOSE_COMPARISON, CHOOSE_WORSE, OTHER_OF_TWO, SideForm
from exams.sides import COMPARED_WITH_WORSE, ONE_SIDE_COMPARED, ONE_SIDE_WORSE, contradictions
from tests import factories

pytestmark = pytest.mark.django_db
BOTH = {"protocol": "core", "affected_side": "bilateral"}
ONE = {"protocol": "core", "affected_side": "left"}


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def patient(owner: User) -> Patient:
    return factories.patient(factories.desk(owner))


def start(examiner: Client, patient: Patient, **said: str) -> Any:
    return examiner.post(reverse("exams:exam_new", args=[patient.pk]), said)


def page(answer: Any) -> str:
    content: str = answer.content.decode()
    return content.replace("&#x27;", "'")


def checked(html: str) -> set[str]:
    """Return the choices that a page shows as chosen: “worse_side=left”."""
    found = (
        dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]* checked[^>]*>", html)
    )
    return {f"{tag['name']}={tag.get('value', 'on')}" for tag in found}


def test_the_page_asks_for_two_feet_and_chooses_nothing(examiner: Client, patient: Patient) -> None:
    html = page(examiner.get(reverse("exams:exam_new", args=[patient.pk])))
    for words in ("If both feet drop", "Which foot drops more?", "Which leg do you compare with?"):
        assert words in html
    for words in ("Both alike", "Neither leg is normal", "The other leg is not normal either"):
        assert words in html
    assert checked(html) == set()


@pytest.mark.parametrize("worse", Exam.Worse.values)
def test_an_exam_of_two_feet_keeps_the_worse_one_and_the_comparison(
    examiner: Client, patient: Patient, worse: str
) -> None:
    assert start(examiner, patient, **BOTH, worse_side=worse, comparison_side="none").status_code == 302
    exam = Exam.objects.get()
    assert (exam.affected_side, exam.worse_side, exam.comparison_side) == ("bilateral", worse, "none")
    said = values_of(AuditEvent.objects.get(act="exam.started"))
    assert said is not None
    assert (said["worse_side"], said["comparison_side"]) == (worse, "none")


@pytest.mark.parametrize(("tick", "comparison"), [({}, ""), ({"other_leg": "on"}, "none")])
def test_one_affected_side_asks_for_no_more_than_a_tick(
    examiner: Client, patient: Patient, tick: dict[str, str], comparison: str
) -> None:
    assert start(examiner, patient, **ONE, **tick).status_code == 302
    exam = Exam.objects.get()
    assert (exam.affected_side, exam.worse_side, exam.comparison_side) == ("left", "", comparison)


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ({**BOTH}, [CHOOSE_WORSE, CHOOSE_COMPARISON]),
        ({**BOTH, "worse_side": "left"}, [CHOOSE_COMPARISON]),
        ({**BOTH, "comparison_side": "none"}, [CHOOSE_WORSE]),
        ({**BOTH, "worse_side": "left", "comparison_side": "left"}, [COMPARED_WITH_WORSE]),
        (
            {**BOTH, "worse_side": "left", "comparison_side": "right", "other_leg": "on"},
            [OTHER_OF_TWO],
        ),
        ({**ONE, "worse_side": "right"}, [ONE_SIDE_WORSE]),
        ({**ONE, "comparison_side": "right"}, [ONE_SIDE_COMPARED]),
        ({**BOTH, "worse_side": "middle", "comparison_side": "none"}, [CHOOSE_WORSE]),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_the_choices_are_kept(
    examiner: Client, patient: Patient, said: dict[str, str], sentences: list[str]
) -> None:
    answer = start(examiner, patient, **said)
    html = page(answer)
    assert answer.status_code == 422
    assert not Exam.objects.exists()
    for sentence in sentences:
        assert html.count(sentence) == 2  # in the summary and at its field
    for href in re.findall(r'<li><a href="#(id_\w+)">', html):
        assert f'id="{href}"' in html
    assert checked(html) == {f"{name}={value}" for name, value in said.items() if value != "middle"}


@pytest.mark.parametrize(
    "sides", [("left", "left", ""), ("bilateral", "right", "right"), ("bilateral", "both", ""), ("", "", "")]
)
def test_the_service_trusts_no_client_about_the_sides(
    owner: User, patient: Patient, sides: tuple[str, str, str]
) -> None:
    named = dict(zip(("affected_side", "worse_side", "comparison_side"), sides, strict=True))
    with pytest.raises(Refused, match="No exam was started"):
        start_exam(desk=factories.desk(owner), patient=patient, protocol="core", **named)  # type: ignore[arg-type]
    assert not Exam.objects.exists()


@given(
    st.sampled_from(["", *Exam.Side.values]),
    st.sampled_from(["", *Exam.Worse.values]),
    st.sampled_from(["", *Exam.Comparison.values]),
    st.booleans(),
)
def test_K05_the_form_takes_or_refuses_a_choice_like_its_mirror_image(
    affected: str, worse: str, comparison: str, tick: bool
) -> None:
    mirror = {"left": "right", "right": "left"}
    names = ("affected_side", "worse_side", "comparison_side")
    said = dict(zip(names, (affected, worse, comparison), strict=True))
    turned = {name: mirror.get(value, value) for name, value in said.items()}
    ticked = {"other_leg": "on"} if tick else {}
    here, there = SideForm(said | ticked), SideForm(turned | ticked)
    assert here.errors == there.errors
    if here.is_valid() and there.is_valid():
        assert {name: mirror.get(value, value) for name, value in here.sides.items()} == there.sides
        assert not contradictions(*here.sides.values())
