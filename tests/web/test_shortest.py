"""The shortest protocol, from its first question to its end: published patients and drawn ones."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEvent, Clinic
from exams.models import Exam, Observation
from exams.services.exams import start_exam, widen_exam
from exams.services.localizing import localize_exam
from exams.sheet import sheet_of
from exams.steps import STEPS, Step, asked_findings, places_of, steps_for
from localization import CATALOGUE, DECIDING, DEFAULT_SETTING, PHRASES, Report, red_flag_questions
from localization.simulation import patients
from tests import factories
from tests.browser.published import CASES, OTHER, Place, PublishedCase, published

pytestmark = pytest.mark.django_db

SIGNAL = PHRASES["stop_signal"]
BY_SLUG = {step.slug: step for step in STEPS}
# One whose source reports much, one that reports little.
FEW = ("leung2021-zoster-l5", "amssm840-leg-crossing")


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="shortest")


def one_sided() -> list[str]:
    """Return the published cases that tell age, sex and one affected side, as an exam needs them."""
    tables = {path.stem: tomllib.loads(path.read_text())["findings"] for path in sorted(CASES.glob("*.toml"))}
    return [
        name
        for name, found in tables.items()
        if {"age", "sex"} <= found.keys() and found.get("side") in OTHER
    ]


@dataclass(frozen=True, slots=True)
class Walked:
    """How a shortest exam went: the steps in the order in which they came up, and where they ended."""

    slugs: tuple[str, ...]
    plans: tuple[frozenset[str], ...]
    end: str


def slug_of(location: str) -> str:
    return location.rstrip("/").rpartition("/")[2]


def said_on(step: Step, values: Mapping[Place, str]) -> dict[str, str]:
    """Return what is sent for a step: what the patient shows, and not tested where nothing is known."""
    said = {}
    for finding, side in step.places:
        prefix = f"{finding}.{side}" if side else finding
        token = values.get((finding, side), "not_tested")
        said[f"{prefix}.token"] = token
        if token == "not_tested":
            said[f"{prefix}.reason"] = "not_done"
    return said


def walk(examiner: Client, exam: Exam, values: Mapping[Place, str]) -> Walked:
    """Answer what the exam asks until it asks nothing more, by the plain form of each step."""
    slugs: list[str] = []
    plans: list[frozenset[str]] = []
    location = examiner.get(reverse("exams:exam", args=[exam.pk]))["Location"]
    while (slug := slug_of(location)) in BY_SLUG and slug != "impression":
        exam.refresh_from_db()
        sheet = sheet_of(exam)
        step = next(step for step in sheet.steps if step.slug == slug)
        plans.append(sheet.finding_ids)
        slugs.append(slug)
        assert len(slugs) <= len(asked_findings()), "it never ends"
        still_open = replace(
            step, finding_ids=tuple(name for name in step.finding_ids if not recorded(exam, name))
        )
        sent = {**said_on(still_open, values), **kept(exam, step)}
        answer = examiner.post(reverse("exams:step", args=[exam.pk, slug]), sent)
        assert answer.status_code == 302, html.unescape(answer.content.decode())
        location = answer["Location"]
    exam.refresh_from_db()
    return Walked(tuple(slugs), (*plans, sheet_of(exam).finding_ids), slug)


def recorded(exam: Exam, finding: str) -> bool:
    return Observation.objects.filter(exam=exam, finding=finding).exists()


def kept(exam: Exam, step: Step) -> dict[str, str]:
    """Return the fields of a step as the page shows them for what is recorded already."""
    sent = {}
    for row in Observation.objects.filter(exam=exam, finding__in=step.finding_ids):
        prefix = f"{row.finding}.{row.side}" if row.side else row.finding
        sent[f"{prefix}.token"] = "not_tested" if row.not_tested else row.token
        sent[f"{prefix}.reason"] = row.reason
        sent[f"{prefix}.revision"] = str(row.revision)
    return sent


def begun(owner: User, case: PublishedCase) -> Exam:
    desk = factories.desk(owner)
    patient = factories.patient(desk, birth_date=case.born(timezone.localdate()), sex=case.sex)
    return start_exam(desk=desk, patient=patient, protocol="shortest", affected_side=case.side)


def drawn(count: int) -> list[PublishedCase]:
    """Return invented patients who can answer everything: one lesion each, drawn from the model."""
    found = []
    for patient in patients(count, 5, setting=DEFAULT_SETTING):
        every = patient.only([*CATALOGUE.findings])
        legs = (("", every.unsided), ("left", every.left), ("right", every.right))
        values = {
            (name, side): f"{value:g}" if isinstance(value, float) else str(value)
            for side, told in legs
            for name, value in told.items()
            if name in asked_findings()
        }
        once = every.unsided
        age, side = int(float(once["age"])), str(once["side"])
        found.append(PublishedCase(age=age, sex=str(once["sex"]), side=side, values=values))
    return found


def holds(walked: Walked, exam: Exam) -> None:
    """Assert what must be so of every shortest exam, whoever the patient is."""
    assert walked.end == "impression"
    assert walked.slugs[0] == "red-flags"
    assert all(before <= after for before, after in zip(walked.plans, walked.plans[1:], strict=False))
    assert {*red_flag_questions(), DECIDING} == walked.plans[0]
    assert len(exam.opened) == len(set(exam.opened))
    assert walked.plans[-1] == walked.plans[0] | set(exam.opened)
    assert not sheet_of(exam).open_places
    for event in AuditEvent.objects.filter(act="exam.opened", object_id=str(exam.pk)):
        assert event.user == exam.examiner


def report_of(exam: Exam) -> Report:
    report = localize_exam(exam).report
    assert report is not None
    return report


@pytest.mark.parametrize("name", FEW)
def test_a_published_patient_is_examined_to_an_end(owner: User, examiner: Client, name: str) -> None:
    case = published(name)
    exam = begun(owner, case)
    walked = walk(examiner, exam, case.values)
    holds(walked, exam)
    assert walked.plans[-1] < asked_findings()


def test_who_can_answer_everything_is_placed_after_few_tests(owner: User, examiner: Client) -> None:
    (case,) = drawn(1)
    exam = begun(owner, case)
    walked = walk(examiner, exam, case.values)
    holds(walked, exam)
    assert report_of(exam).settled
    assert len(exam.opened) <= len(steps_for("full"))
    full = case.answer(asked_findings())
    assert full.ranked[0].site == report_of(exam).ranked[0].site


@pytest.mark.long
def test_every_published_patient_and_many_drawn_ones_are_examined_to_an_end(
    owner: User, examiner: Client
) -> None:
    cases = [published(name) for name in one_sided() if name not in FEW]
    for case in [*cases, *drawn(30)]:
        exam = begun(owner, case)
        holds(walk(examiner, exam, case.values), exam)


class TestRounds:
    def test_it_begins_with_all_red_flag_questions_and_the_drop_and_nothing_else(self, draft: Exam) -> None:
        assert sheet_of(draft).finding_ids == {*red_flag_questions(), DECIDING}
        slugs = [step.slug for step in sheet_of(draft).steps]
        assert slugs[0] == "red-flags"
        assert slugs[-3:] == ["ankle-and-toes", "impression", "check"]

    def test_a_round_opens_tests_of_one_position_and_leads_there(self, examiner: Client, draft: Exam) -> None:
        answers = {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.right.token": "5"}
        answer = examiner.post(reverse("exams:step", args=[draft.pk, "ankle-and-toes"]), answers)
        draft.refresh_from_db()
        opened = [step for step in STEPS if set(step.finding_ids) & set(draft.opened)]
        assert draft.opened
        assert len({step.position for step in opened}) == 1
        assert answer["Location"] == reverse("exams:step", args=[draft.pk, opened[0].slug])
        assert AuditEvent.objects.filter(act="exam.opened").count() == 1
        draft.refresh_from_db()
        assert draft.current_step == opened[0].slug
        labels = [CATALOGUE[name].label for name in draft.opened]
        assert f"Opened now, as the next best tests in one position: {', '.join(labels)}." in html.unescape(
            examiner.get(answer["Location"]).content.decode()
        )
        resumed = examiner.get(reverse("exams:exam", args=[draft.pk]))["Location"]
        assert resumed == answer["Location"]

    def test_while_something_is_open_further_on_no_round_is_asked_for(
        self, examiner: Client, draft: Exam
    ) -> None:
        said = {"bladder_bowel.token": "no"}
        answer = examiner.post(reverse("exams:step", args=[draft.pk, "red-flags"]), said)
        draft.refresh_from_db()
        assert draft.opened == []
        assert slug_of(answer["Location"]) in {"onset-and-pain", "history", "ankle-and-toes"}

    def test_leaving_everything_blank_ends_too_and_never_asks_twice(
        self, examiner: Client, draft: Exam
    ) -> None:
        visits: list[str] = []
        location = reverse("exams:step", args=[draft.pk, "red-flags"])
        while slug_of(location) != "impression":
            before = sheet_of(Exam.objects.get()).finding_ids
            location = examiner.post(location, {})["Location"]
            visits.append(slug_of(location))
            after = sheet_of(Exam.objects.get()).finding_ids
            order = [step.slug for step in STEPS]
            goes_on = len(visits) < 2 or order.index(visits[-1]) > order.index(visits[-2])
            assert goes_on or after > before
            assert len(visits) < len(asked_findings())
        assert not Observation.objects.exists()

    def test_the_examiner_may_stop_open_another_test_or_widen_at_any_time(
        self, owner: User, examiner: Client, draft: Exam
    ) -> None:
        assert examiner.get(reverse("exams:check", args=[draft.pk])).status_code == 200
        opened = examiner.post(reverse("exams:open", args=[draft.pk]), {"finding": "tinel_sciatic"})
        assert slug_of(opened["Location"].partition("#")[0]) == "nerve-stretch"
        widen_exam(desk=factories.desk(owner), exam=draft)
        draft.refresh_from_db()
        assert sheet_of(draft).steps == STEPS
        answer = examiner.post(reverse("exams:step", args=[draft.pk, "gait"]), {})
        assert slug_of(answer["Location"]) == "one-leg-stand"


class TestTheEnd:
    def end(self, examiner: Client, draft: Exam) -> str:
        (last,) = [step for step in sheet_of(draft).steps if step.slug == "ankle-and-toes"]
        said = said_on(last, {(DECIDING, "left"): "2", (DECIDING, "right"): "5"})
        page = examiner.post(reverse("exams:step", args=[draft.pk, last.slug]), said, follow=True)
        assert page.redirect_chain[-1][0] == reverse("exams:impression", args=[draft.pk])
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())

    @pytest.fixture
    def settled(self, draft: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
        report = replace(report_of(draft), settled=True, stop_signal=SIGNAL)
        monkeypatch.setattr("exams.services.localizing.localize", lambda *_, **__: report)
        assert report.next_tests

    @pytest.mark.usefixtures("settled")
    def test_it_says_in_the_rules_own_words_why_it_stops(self, examiner: Client, draft: Exam) -> None:
        assert f"{SIGNAL} Write your own impression." in self.end(examiner, draft)
        draft.refresh_from_db()
        assert draft.opened == []

    @pytest.mark.usefixtures("settled")
    def test_where_the_ranking_is_hidden_so_is_that_it_is_settled(
        self, examiner: Client, draft: Exam
    ) -> None:
        Exam.objects.update(panel_mode=Clinic.PanelMode.AFTER_IMPRESSION)
        said = self.end(examiner, draft)
        assert SIGNAL not in said
        assert "The shortest exam has no further test to ask." in said

    def test_without_a_test_left_it_says_so(
        self, examiner: Client, draft: Exam, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report = replace(report_of(draft), settled=False, stop_signal="", next_tests=())
        monkeypatch.setattr("exams.services.localizing.localize", lambda *_, **__: report)
        assert "No bedside test that is left is expected" in self.end(examiner, draft)

    def test_without_the_engine_it_says_so_and_nothing_is_lost(
        self, examiner: Client, draft: Exam, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("the engine is gone")

        monkeypatch.setattr("exams.services.localizing.localize", broken)
        said = self.end(examiner, draft)
        assert "no next test was chosen. Everything recorded is kept." in said
        assert Observation.objects.count() == len(list(places_of(sheet_of(draft).steps[-3:-2])))
