"""Tests that are not to be done: never suggested again, and the stop signal says that they do not count."""

from __future__ import annotations

import pytest

from localization import CATALOGUE, PHRASES, Findings, Report, localize
from tests.engine.cases import published

WEAK = {"ankle_dorsiflexion": "2", "ankle_eversion": "3"}


@pytest.fixture(scope="module")
def report() -> Report:
    return localize(Findings.build(left=WEAK))


def test_what_is_set_aside_is_no_next_test_and_others_take_its_place(report: Report) -> None:
    shown = {test.finding for test in report.next_tests}
    without = localize(Findings.build(left=WEAK), set_aside=shown)
    assert without.next_tests
    assert shown.isdisjoint(test.finding for test in without.next_tests)


def test_it_changes_nothing_but_what_to_test_next(report: Report) -> None:
    without = localize(Findings.build(left=WEAK), set_aside={report.next_tests[0].finding})
    assert without.posterior == report.posterior
    assert without.headline == report.headline
    assert without.missing == report.missing
    assert without.what_would_change == report.what_would_change


def test_with_every_test_set_aside_none_is_left_and_the_signal_says_what_does_not_count() -> None:
    findings = Findings.build(left={**WEAK, "ankle_inversion": "5", "dorsum_foot": "reduced"})
    open_ = localize(findings)
    ended = localize(findings, set_aside=CATALOGUE.findings)
    assert not open_.settled
    assert ended.next_tests == ()
    assert ended.settled is (ended.leading is not None)
    assert ended.settled
    assert PHRASES["stop_signal_set_aside"] in ended.stop_signal


def test_an_answered_finding_that_is_set_aside_counts_as_ever(report: Report) -> None:
    assert localize(Findings.build(left=WEAK), set_aside=WEAK).next_tests == report.next_tests
    assert PHRASES["stop_signal_set_aside"] not in report.stop_signal


def test_a_settled_level_with_nothing_set_aside_says_nothing_of_tests_that_do_not_count() -> None:
    settled = [report for case in published() if (report := localize(case.findings)).settled]
    assert settled
    assert all(PHRASES["stop_signal"] in report.stop_signal for report in settled)
    assert all(PHRASES["stop_signal_set_aside"] not in report.stop_signal for report in settled)
