"""The clinical acceptance rows in the long tier: the full counts of generated examinations."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localization import CATALOGUE, SETTINGS
from tests.engine import properties
from tests.engine.exams import Exam, any_exams
from tests.engine.malformed import Faulty, malformed

full = settings(
    max_examples=10_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
pytestmark = pytest.mark.long


@full
@given(any_exams(), st.data())
def test_K02_untested_is_never_evidence_ten_thousand_times(exam: Exam, data: st.DataObject) -> None:
    properties.untested_is_never_evidence(exam, data)


@full
@given(any_exams(), st.permutations(sorted(CATALOGUE.findings)))
def test_K04_order_does_not_matter_ten_thousand_times(exam: Exam, order: list[str]) -> None:
    properties.order_does_not_matter(exam, order)


@full
@given(any_exams())
def test_K05_only_the_sides_swap_ten_thousand_times(exam: Exam) -> None:
    properties.only_the_sides_swap(exam)


@full
@given(any_exams(), st.sampled_from(list(SETTINGS)))
def test_the_posterior_sums_to_one_ten_thousand_times(exam: Exam, setting: str) -> None:
    properties.sums_to_one(exam, setting)


@full
@given(any_exams(), st.sampled_from(sorted(properties.normal_at())))
def test_a_normal_finding_does_not_help_ten_thousand_times(exam: Exam, name: str) -> None:
    properties.normal_does_not_help(exam, name)


@full
@given(any_exams())
def test_the_answer_survives_json_ten_thousand_times(exam: Exam) -> None:
    properties.the_answer_survives_json(exam)


@full
@given(any_exams())
def test_the_findings_survive_a_case_file_ten_thousand_times(exam: Exam) -> None:
    properties.the_findings_survive_a_case_file(exam)


@full
@given(malformed())
def test_every_fault_is_refused_ten_thousand_times(faulty: Faulty) -> None:
    properties.a_fault_is_refused(faulty)
