"""Runs the whole suite on both databases and in a real browser, and closes with one summed line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools import chromium
from tools.environment import ROOT

DATABASES = ("sqlite", "postgresql")
NO_TESTS = 5  # pytest's exit status when it collected none


@dataclass(frozen=True)
class Outcome:
    """How one pytest run ended."""

    database: str
    status: int
    passed: int
    failed: int
    skipped: int

    @property
    def is_good(self) -> bool:
        """Whether the run proves what it was started for."""
        return self.status == 0 and self.passed > 0 and self.failed == 0 and self.skipped == 0


def run(database: str, arguments: list[str]) -> Outcome:
    """Run pytest once on one database."""
    print(f"\n=== {database} ===", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        environ = os.environ | {"FOOTDROP_TEST_DATABASE": database, "FOOTDROP_TEST_COUNTS": str(counts)}
        status = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environ, check=False
        ).returncode
        found = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
    return Outcome(database, status, found.get("passed", 0), found.get("failed", 0), found.get("skipped", 0))


def summary(outcomes: list[Outcome]) -> tuple[str, int]:
    """Return the closing line and the exit status of several runs.

    A run that crashed, collected nothing or skipped something counts as a failure too.
    """
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed + outcome.skipped or int(not outcome.is_good) for outcome in outcomes)
    return f"{passed} passed, {failed} failed", 0 if outcomes and failed == 0 else 1


def selection(arguments: list[str]) -> list[str]:
    """Turn the words after `run.py test` into pytest's: the long tier only on request, two workers."""
    words = [word for word in arguments if word != "--all"]
    tier = [] if "--all" in arguments else ["-m", "not long"]
    workers = (
        [] if any(word.startswith(("-n", "--pdb")) for word in words) else ["-n", "2", "--dist", "worksteal"]
    )
    return [*workers, *tier, *words]


def main(arguments: list[str]) -> int:
    """Run the suite and return its exit status."""
    if chromium.main() != 0:
        return 1
    chosen = selection(arguments)
    is_partial = any(not word.startswith("-") for word in arguments)
    outcomes = [run(database, chosen) for database in DATABASES]
    if is_partial:
        # Named tests may all be pure: then the second database has nothing to prove.
        outcomes = [one for one in outcomes if not (one.database == "postgresql" and one.status == NO_TESTS)]
    line, status = summary(outcomes)
    print(f"\n{line}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
