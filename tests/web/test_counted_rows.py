"""Answers that do not count are as good as absent, whatever else was recorded; no database is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.models import Clinic
from exams.models import Exam, Observation, Patient
from exams.services.localizing import findings_of, localize_exam
from exams.steps import KNOWN_BEFORE, sides_of
from localization import CATALOGUE, Finding

STRENGTH = [finding for finding in CATALOGUE.findings.values() if finding.group == "strength"]
CONFOUNDERS = [confounder.id for confounder in CATALOGUE.confounders]
PLACES = [
    (finding, side)
    for finding in CATALOGUE.findings.values()
    if finding.id not in KNOWN_BEFORE
    for side in sides_of(finding)
]
quick = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
full = settings(parent=quick, max_examples=10_000)


@dataclass(frozen=True)
class Answered:
    """One answer as it is stored; `spoiled` tells why it does not count, empty where it counts."""

    finding: Finding
    side: str
    token: str
    spoiled: str = ""
    confounder: str = ""
    count_as: str = ""
    guard: str = ""

    def row(self) -> Observation:
        """Return the row, which is never saved."""
        not_tested = self.spoiled == "not tested"
        return Observation(
            finding=self.finding.id,
            side=self.side,
            token="" if not_tested else self.token,
            not_tested=not_tested,
            confounder=self.confounder,
            count_as=self.count_as,
            guard=self.guard,
        )


@st.composite
def answers(draw: st.DrawFn) -> list[Answered]:
    """Draw answers of which some were not tested, are ignored or undecided, or made by the technique."""
    places = draw(st.lists(st.sampled_from(PLACES), unique=True, max_size=25))
    return [draw(answered(finding, side)) for finding, side in places]


@st.composite
def answered(draw: st.DrawFn, finding: Finding, side: str) -> Answered:
    scale = finding.scale
    numbers = st.integers(int(scale.minimum or 0), int(scale.maximum or 0)).map(str)
    token = draw(st.sampled_from(scale.tokens) if scale.kind == "choice" else numbers)
    plain = Answered(finding=finding, side=side, token=token)
    spoiled = draw(st.sampled_from(["", "", "not tested", "ignore", "undecided", "not held"]))
    if not spoiled:
        return plain
    if spoiled == "not held":
        return replace(plain, spoiled=spoiled, guard="not_held")
    count_as = {"ignore": "ignore", "undecided": "", "not tested": "weak"}[spoiled]
    return replace(plain, spoiled=spoiled, confounder=draw(st.sampled_from(CONFOUNDERS)), count_as=count_as)


def exam(side: str) -> Exam:
    at = Clinic(name="Riverside", time_zone="Europe/London")
    patient = Patient(clinic=at, birth_date=date(1961, 3, 14), sex="female")
    return Exam(clinic=at, patient=patient, affected_side=side, started=datetime(2026, 3, 1, 9, tzinfo=UTC))


def what_does_not_count_is_absent(given_answers: list[Answered], side: str) -> None:
    kept = [answer for answer in given_answers if not answer.spoiled]
    read = findings_of(exam(side), [answer.row() for answer in given_answers])
    assert read == findings_of(exam(side), [answer.row() for answer in kept])
    assert read.count == len(kept) + len(KNOWN_BEFORE)


def a_confounded_grade_counts_as_it_was_said(grades: list[Answered], counted: str) -> None:
    confounded = [replace(answer, confounder=CONFOUNDERS[0], count_as=counted) for answer in grades]
    plain = [replace(answer, token={"weak": "weak", "normal": "5"}[counted]) for answer in grades]
    one, other = (findings_of(exam("left"), [each.row() for each in rows]) for rows in (confounded, plain))
    assert one == other


def strengths() -> st.SearchStrategy[list[Answered]]:
    places = [(finding, side) for finding in STRENGTH for side in sides_of(finding)]
    return st.lists(st.sampled_from(places), unique=True, max_size=10).map(
        lambda chosen: [Answered(finding=finding, side=side, token="3") for finding, side in chosen]
    )


@quick
@given(answers(), st.sampled_from(Exam.Side.values))
def test_K02_what_does_not_count_equals_absent(given_answers: list[Answered], side: str) -> None:
    what_does_not_count_is_absent(given_answers, side)


@pytest.mark.long
@full
@given(answers(), st.sampled_from(Exam.Side.values))
def test_K02_what_does_not_count_equals_absent_ten_thousand_times(
    given_answers: list[Answered], side: str
) -> None:
    what_does_not_count_is_absent(given_answers, side)


@quick
@given(strengths(), st.sampled_from(["weak", "normal"]))
def test_a_confounded_grade_counts_as_the_examiner_said(grades: list[Answered], counted: str) -> None:
    a_confounded_grade_counts_as_it_was_said(grades, counted)


@pytest.mark.long
@full
@given(strengths(), st.sampled_from(["weak", "normal"]))
def test_a_confounded_grade_counts_as_the_examiner_said_ten_thousand_times(
    grades: list[Answered], counted: str
) -> None:
    a_confounded_grade_counts_as_it_was_said(grades, counted)


def test_the_report_of_what_does_not_count_is_that_of_the_rest() -> None:
    places = [
        (name, side) for name in ("hip_abduction", "ankle_inversion", "slr") for side in ("left", "right")
    ]
    kept = [Answered(finding=CATALOGUE["ankle_dorsiflexion"], side="left", token="2").row()]
    ignored = [
        Answered(
            finding=CATALOGUE[name],
            side=side,
            token=CATALOGUE[name].scale.tokens[0],
            confounder=CONFOUNDERS[0],
            count_as="ignore",
        ).row()
        for name, side in places
    ]
    report = localize_exam(exam("left"), [*kept, *ignored]).report
    assert report is not None
    assert report == localize_exam(exam("left"), kept).report
    assert {"hip_abduction", "ankle_inversion", "slr"} <= {item.finding for item in report.missing}
