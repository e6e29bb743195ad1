"""Counts a test run for `run.py test`, and fails a run in which anything was skipped."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

# A test that was not run, or was allowed to fail, proves nothing; the suite has no use for either.
FORBIDDEN = ("skipped", "xfailed", "xpassed")


def counts(reporter: pytest.TerminalReporter) -> dict[str, int]:
    """Return how many tests passed, failed (errors included) and were skipped or excused."""
    return {
        "passed": len(reporter.getreports("passed")),
        "failed": len(reporter.getreports("failed")) + len(reporter.getreports("error")),
        "skipped": sum(len(reporter.getreports(outcome)) for outcome in FORBIDDEN),
    }


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run with skipped or excused tests into a failed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return  # a parallel worker; the run that started it has all the counts
    if counts(reporter)["skipped"] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the counts where `run.py test` asked for them, and say why a skip fails the run."""
    found = counts(terminalreporter)
    if found["skipped"]:
        terminalreporter.write_line(
            f"{found['skipped']} tests were skipped or excused: this suite skips nothing, so the run fails.",
            red=True,
        )
    if target := os.environ.get("FOOTDROP_TEST_COUNTS"):
        Path(target).write_text(json.dumps(found), encoding="utf-8")
