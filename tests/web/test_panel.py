"""The live panel shows the answer in full, and the caution about brain or cord always."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic
from exams.frame import frame_of
from exams.models import Exam
from exams.services.localizing import localize_exam
from exams.sheet import sheet_of
from localization import Report
from tests import factories
from tests.web.reported import fibular_exam

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
FEW = {
    "ankle_dorsiflexion.left": "2",
    "ankle_dorsiflexion.right": "5",
    "ankle_eversion.left": "3",
    "ankle_inversion.left": "5",
    "dorsum_foot.left": "reduced",
}
CAUTION = "Brain or spinal cord to be considered"


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("the engine is gone")


def page_of(client: Client, exam: Exam, slug: str = "ankle-and-toes") -> str:
    found = client.get(reverse("exams:step", args=[exam.pk, slug]))
    assert found.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found.content.decode())).split())


def answer_of(exam: Exam) -> Report:
    report = localize_exam(exam).report
    assert report is not None
    return report


@pytest.fixture
def brisk(owner: User) -> Exam:
    return fibular_exam(factories.desk(owner), protocol="full", knee_reflex=("brisk", "normal"))


@pytest.mark.parametrize("trouble", ["none", "hidden", "failed"])
def test_the_tripwire_stands_on_the_page_hidden_ranking_and_failed_engine_included(
    owner: User, brisk: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "hidden":
        Exam.objects.update(panel_mode=Clinic.PanelMode.AFTER_IMPRESSION)
        Clinic.objects.update(panel_mode=Clinic.PanelMode.AFTER_IMPRESSION)
    if trouble == "failed":
        monkeypatch.setattr("exams.services.localizing.localize", broken)
    page = page_of(sign_in(owner), brisk)
    assert ("Findings are most consistent with" in page) is (trouble == "none")
    assert f"{CAUTION}: Knee reflex brisk, patient's LEFT." in page
    assert "Brisk reflexes on both sides alone can be normal for the person." in page


def test_a_page_without_such_a_sign_holds_no_caution(owner: User, sign_in: SignIn) -> None:
    assert CAUTION not in page_of(sign_in(owner), fibular_exam(factories.desk(owner)))


def test_the_panel_holds_levels_detail_change_stability_and_the_observed_rate(
    owner: User, sign_in: SignIn
) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full", answers=FEW)
    report, page = answer_of(exam), page_of(sign_in(owner), exam)
    assert report.levels
    assert report.what_would_change
    assert report.ranked[0].band.observed
    for said in (
        report.ranked[0].where,
        report.what_would_change,
        report.stable,
        report.ranked[0].band.observed,
        f"{report.levels[0].where}: {report.levels[0].band.label.lower()}",
        *report.notices,
    ):
        assert " ".join(said.split()) in page, said


def test_a_settled_report_says_so_instead_of_naming_a_test(
    owner: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full", answers=FEW)
    signal = "No further bedside test listed here is expected to change the leading level."
    report = replace(answer_of(exam), settled=True, stop_signal=signal)
    monkeypatch.setattr("exams.services.localizing.localize", lambda *_, **__: report)
    assert report.next_tests
    page = page_of(sign_in(owner), exam)
    assert signal in page
    assert "Next best test:" not in page


def test_a_question_that_is_next_is_asked_and_never_called_a_test(
    owner: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = factories.exam(factories.desk(owner), protocol="full", answers=FEW)
    report = answer_of(exam)
    asked = replace(report, next_tests=(replace(report.next_tests[0], finding="painless"),))
    monkeypatch.setattr("exams.services.localizing.localize", lambda *_, **__: asked)
    page = page_of(sign_in(owner), exam)
    assert "Next best question: Has there been no pain at any point, in back, leg or knee?" in page
    assert "Next best test: " not in page
    assert "Next best question Painless course" not in page


def test_the_next_test_follows_the_position_the_patient_is_in(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    asked: list[str] = []
    report = answer_of(exam)

    def noted(*_: object, position: str = "", **__: object) -> Report:
        asked.append(position)
        return report

    monkeypatch.setattr("exams.services.localizing.localize", noted)
    for slug in ("gait", "ankle-and-toes", "check"):
        frame_of(desk, sheet_of(exam), slug)
    assert asked == ["standing", "supine", ""]
