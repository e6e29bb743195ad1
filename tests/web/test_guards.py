"""The question that would falsify a value: when it is asked, what it takes away, what it never silences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinics.audit import values_of
from clinics.models import AuditEvent, Clinic
from exams.answer import Answer, Rejected, checked
from exams.document import record_digest
from exams.models import Exam, Observation, Patient
from exams.reading import in_one_line, shown_answer
from exams.services.localizing import findings_of, localize_exam, pathways_of
from exams.services.review import return_exam
from exams.services.signing import sign_exam
from exams.step_form import StepForm
from exams.steps import asked_findings, step_asking
from localization import CATALOGUE, Finding
from tests import factories
from tests.web.reported import document_of_exam, fibular_exam, ready_to_sign
from tests.web.reviewed import THOUGHT, looked_at

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
GUARDED = [finding for finding in CATALOGUE.findings.values() if finding.guard]
PLACES = [(finding, token) for finding in GUARDED for token in finding.scale.tokens if finding.guarded(token)]
NOT_COUNTED = "technique not as described: not counted"
INVERSION = "ankle_inversion"


@pytest.fixture
def draft(owner: User) -> Exam:
    answers = {"ankle_dorsiflexion.left": "2", "ankle_eversion.left": "3", "bladder_bowel": "no"}
    return factories.exam(factories.desk(owner), protocol="full", answers=answers)


def give(owner: User, exam: Exam, place: str, token: str, **said: Any) -> Observation:
    factories.answer(factories.desk(owner), exam, place, token, **said)
    finding, _, side = place.partition(".")
    return exam.observations.get(finding=finding, side=side)


def side_of(finding: Finding) -> str:
    return "left" if finding.sided else ""


def post(client: Client, exam: Exam, **said: str) -> Any:
    row = exam.observations.filter(finding=INVERSION, side="left").first()
    sent = {f"{INVERSION}.left.{name}": value for name, value in said.items()}
    sent[f"{INVERSION}.left.revision"] = str(row.revision if row else 0)
    place = {"finding": INVERSION, "side": "left", "step": "ankle-and-toes", "key": uuid4().hex}
    return client.post(reverse("exams:answer", args=[exam.pk]), {**sent, **place})


def page(client: Client, exam: Exam) -> str:
    return client.get(reverse("exams:step", args=[exam.pk, "ankle-and-toes"])).content.decode()


def test_every_guard_belongs_to_a_finding_that_a_step_asks() -> None:
    assert {finding.id for finding in GUARDED} <= asked_findings()
    assert len(GUARDED) >= 20


@pytest.mark.parametrize(
    ("finding", "asked", "not_asked"),
    [
        ("ankle_eversion", ["0", "3", "4+"], ["5"]),
        ("hip_abduction", ["5"], ["0", "4+"]),
        (INVERSION, ["0", "4", "5"], []),
        ("ankle_reflex", ["absent"], ["reduced", "normal", "brisk", "clonus"]),
        ("plantar_response", ["flexor"], ["extensor", "equivocal"]),
        ("slump", ["positive"], ["negative"]),
        ("sensory_level", ["no"], ["yes"]),
        ("great_toe_extension", [], ["0", "5"]),
    ],
)
def test_the_question_goes_with_the_values_that_the_trap_can_fake(
    finding: str, asked: list[str], not_asked: list[str]
) -> None:
    assert [token for token in (*asked, *not_asked) if CATALOGUE[finding].guarded(token)] == asked


@pytest.mark.parametrize(
    "said",
    [
        {"finding": "ankle_eversion", "token": "5", "guard": "not_held"},
        {"finding": "ankle_eversion", "token": "5", "guard": "held"},
        {"finding": "great_toe_extension", "token": "3", "guard": "not_held"},
        {"finding": INVERSION, "token": "3", "guard": "perhaps"},
        {"finding": INVERSION, "token": "", "not_tested": True, "guard": "not_held"},
        {"finding": "walk_10m_s", "side": "", "token": "12", "guard": "not_held"},
    ],
)
def test_an_answer_about_technique_that_does_not_fit_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as caught:
        checked(Answer(**{"side": "left", **said}))
    assert CATALOGUE[said["finding"]].label in caught.value.message
    assert caught.value.message.endswith(".")


def test_K01_the_answer_about_technique_comes_back_as_it_was_given(
    owner: User, draft: Exam, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    assert 'name="ankle_inversion.left.guard"' in page(client, draft)
    assert post(client, draft, token="3", guard="not_held").status_code == 200
    html = page(client, draft)
    checked_key = html.partition('id="ankle_inversion-left-guard-not-held"')[2].partition(">")[0]
    assert "checked" in checked_key
    assert "checked" not in html.partition('id="ankle_inversion-right-guard-not-held"')[2].partition(">")[0]
    assert 'name="ankle_inversion.left.guard_for" value="3"' in html
    assert 'name="ankle_inversion.right.guard_for" value=""' in html
    row = draft.observations.get(finding=INVERSION)
    assert (row.token, row.guard) == ("3", "not_held")
    newest = AuditEvent.objects.filter(act="answer.saved").order_by("-sequence")[0]
    values = values_of(newest)
    assert isinstance(values, dict)
    assert isinstance(values["new"], dict)
    assert values["new"]["guard"] == "not_held"


def test_the_question_names_its_side_and_stands_below_guarded_keys_only(
    owner: User, draft: Exam, sign_in: SignIn
) -> None:
    html = page(sign_in(owner), draft)
    question = html.partition('id="ankle_eversion-right-guard"')[2].partition("</span></span>")[0]
    assert question.startswith(">Was the foot held at neutral?")
    assert "patient&#x27;s RIGHT" in question
    assert "great_toe_extension-left-guard" not in html
    keys = html.partition('id="ankle_eversion-left-group"')[2].partition("</fieldset>")[0].split("<input")
    marked = [key.partition('value="')[2].partition('"')[0] for key in keys if "data-guarded" in key]
    assert marked == ["0", "1", "2", "3", "4-", "4", "4+"]


def test_a_value_said_to_be_made_by_the_technique_does_not_count(owner: User, draft: Exam) -> None:
    without = localize_exam(draft)
    row = give(owner, draft, f"{INVERSION}.left", "3", guard="not_held")
    assert row.token == "3"
    assert INVERSION not in findings_of(draft).left
    report = localize_exam(draft).report
    assert report is not None
    assert without.report is not None
    assert report.ranked == without.report.ranked
    assert INVERSION in {item.finding for item in report.missing}
    assert pathways_of(draft, draft.observations.all(), report) == pathways_of(
        draft, draft.observations.exclude(finding=INVERSION), report
    )


def test_unanswered_or_held_the_value_counts_and_the_report_says_nothing(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    give(owner, exam, f"{INVERSION}.left", "5")
    plain = document_of_exam(exam)["tables"]
    give(owner, exam, f"{INVERSION}.left", "5", guard="held")
    assert document_of_exam(exam)["tables"] == plain
    assert findings_of(exam).left[INVERSION] == "5"


def test_not_held_prints_beside_the_value(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    give(owner, exam, f"{INVERSION}.left", "3", guard="not_held")
    give(owner, exam, "ankle_eversion.left", "3", guard="not_held", confounder="pain", count_as="weak")
    rows = [row for table in document_of_exam(exam)["tables"] for row in table["sided"]]
    cells = {row["finding"]: row["cells"][0] for row in rows}
    assert (cells[INVERSION]["text"], cells[INVERSION]["detail"]) == ("3", NOT_COUNTED)
    assert cells["ankle_eversion"]["detail"] == f"limited by pain; {NOT_COUNTED}"


def test_a_limit_and_a_technique_that_was_not_held_are_never_said_to_count() -> None:
    said = Answer(
        finding=INVERSION, side="left", token="3", confounder="pain", count_as="weak", guard="not_held"
    )
    assert in_one_line(shown_answer(CATALOGUE[INVERSION], said)) == f"3 (limited by pain; {NOT_COUNTED})"


@given(st.sampled_from(PLACES), st.sampled_from(["left", "right"]))
def test_no_answer_about_technique_silences_what_alarms(place: tuple[Finding, str], side: str) -> None:
    finding, token = place
    exam = Exam(affected_side="bilateral")
    row = Observation(finding=finding.id, side=side if finding.sided else "", token=token, guard="not_held")
    kept = finding.id in alarming(exam, row)
    assert kept is (finding.state_of(token) == "abnormal")


def alarming(exam: Exam, row: Observation) -> set[str]:
    """Return what red flags and tripwire read of a row that is no evidence."""
    exam.clinic = Clinic(name="Riverside", time_zone="Europe/London")
    exam.patient = Patient(clinic=exam.clinic, birth_date=date(1961, 3, 14), sex="female")
    exam.started = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert row.finding not in all_of(exam, row)
    return all_of(exam, row, for_alarms=True)


def all_of(exam: Exam, row: Observation, *, for_alarms: bool = False) -> set[str]:
    read = findings_of(exam, [row], for_alarms=for_alarms)
    return {*read.unsided, *read.left, *read.right}


def test_an_absent_reflex_keeps_its_red_flag_and_is_named_as_still_open(owner: User) -> None:
    answers = {"onset": "days", "ankle_reflex.left": "absent"}
    exam = factories.exam(factories.desk(owner), protocol="full", affected_side="bilateral", answers=answers)
    flags = {flag.id for flag in localize_exam(exam).red_flags}
    give(owner, exam, "ankle_reflex.left", "absent", guard="not_held")
    give(owner, exam, "saddle", "normal", guard="not_held")
    reading = localize_exam(exam)
    assert flags
    assert {flag.id for flag in reading.red_flags} == flags
    assert "Saddle area" in document_of_exam(exam)["red_flags"]["summary"]


def test_a_new_value_does_not_inherit_what_was_said_of_the_old_one(
    owner: User, draft: Exam, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    post(client, draft, token="3", guard="not_held")
    assert post(client, draft, token="4", guard="not_held", guard_for="3").status_code == 200
    row = draft.observations.get(finding=INVERSION)
    assert (row.token, row.guard) == ("4", "")
    assert post(client, draft, token="2", guard="not_held", guard_for="").status_code == 200
    row.refresh_from_db()
    assert (row.token, row.guard) == ("2", "not_held")


def test_a_whole_step_without_javascript_keeps_and_drops_the_same(owner: User, draft: Exam) -> None:
    give(owner, draft, "ankle_eversion.left", "3", guard="not_held")
    stored = {(row.finding, row.side): row for row in draft.observations.all()}
    step = step_asking("ankle_eversion")
    for token, kept in [("3", "not_held"), ("4", ""), ("5", "")]:
        said = {"token": token, "guard": "not_held", "guard_for": "3", "revision": "1"}
        sent = StepForm(step, draft, stored, query({f"ankle_eversion.left.{k}": v for k, v in said.items()}))
        assert sent.is_valid()
        assert sent.said_at(("ankle_eversion", "left")).guard == kept


def query(said: dict[str, str]) -> Any:
    data = QueryDict(mutable=True)
    data.update(said)
    return data


def test_an_unfit_answer_is_refused_in_the_row_and_nothing_is_saved(
    owner: User, draft: Exam, sign_in: SignIn
) -> None:
    answer = post(sign_in(owner), draft, token="3", guard="perhaps")
    assert answer.status_code == 422
    assert "Answer Yes, or No, test again." in answer.content.decode()
    assert not draft.observations.filter(finding=INVERSION).exists()


def test_the_next_version_keeps_it_and_the_signature_covers_it(owner: User, supervisor: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    bare = record_digest(exam)
    give(owner, exam, f"{INVERSION}.left", "5", guard="not_held")
    assert record_digest(exam) != bare
    ready_to_sign(desk, exam, THOUGHT)
    sign_exam(
        desk=desk, exam=exam, password=factories.PASSWORD, confirmed_patient=True, confirmed_side="left"
    )
    looked_at(supervisor, exam)
    draft = return_exam(desk=factories.desk(supervisor), exam=exam, comment="Test again")
    assert draft.observations.get(finding=INVERSION, side="left").guard == "not_held"


def test_a_record_without_such_answers_keeps_the_digest_it_was_signed_with(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    digest = record_digest(exam)
    with monkeypatch.context() as before_there_were_guards:
        before_there_were_guards.setattr(import_module("exams.document.canonical"), "ADDED_FIELDS", ())
        assert record_digest(exam) == digest
    row = exam.observations.get(finding=INVERSION, side="left")
    digests = set()
    for guard in ("", "held", "not_held"):
        Observation.objects.filter(pk=row.pk).update(guard=guard)
        digests.add(record_digest(exam))
    assert len(digests) == 3
