"""Runs every check that needs no test, from lint and types to settings and generated documents."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from tools import docs, tracked
from tools.environment import ROOT


@dataclass(frozen=True)
class Result:
    """What one check found: nothing said means nothing wrong."""

    is_good: bool
    output: str


def command(*arguments: str, environ: dict[str, str] | None = None) -> Callable[[], Result]:
    """Make a check of a Python module's command line: its exit status decides."""

    def check() -> Result:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | (environ or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Result(done.returncode == 0, done.stdout)

    return check


def generated_documents() -> Result:
    """Check that the generated documents say what the code says now."""
    try:
        stale = docs.stale()
    except subprocess.CalledProcessError as error:
        return Result(False, f"{error}")
    return Result(not stale, "\n".join(f"{page} is stale: run `python3 run.py docs`" for page in stale))


def tracked_files() -> Result:
    """Check that no tracked file names a package index or a machine's folder."""
    found = tracked.traces()
    return Result(not found, "\n".join(map(str, found)))


def production(folder: str) -> dict[str, str]:
    """The settings of a served clinic, so that `check --deploy` judges those and not a demo's."""
    return {
        "FOOTDROP_DEMO": "0",
        "FOOTDROP_DEBUG": "0",
        "FOOTDROP_VAR": folder,
        "FOOTDROP_ALLOWED_HOSTS": "clinic.example",
        "FOOTDROP_SECRET_KEY": secrets.token_urlsafe(60),
        "FOOTDROP_AUDIT_KEY": secrets.token_urlsafe(60),
        "DATABASE_URL": f"sqlite:///{folder}/footdrop.sqlite3",
    }


def checks(folder: str) -> dict[str, Callable[[], Result]]:
    """Return every check by its name; `folder` takes what a served copy would write."""
    served = production(folder)
    return {
        "lint": command("-m", "ruff", "check", "--output-format", "concise"),
        "layout": command("-m", "ruff", "format", "--check", "--output-format", "concise"),
        "types": command("-m", "mypy", environ=served),
        "imports": command("-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"),
        "templates": command("-m", "djlint", "--lint", "--quiet", "templates"),
        "migrations": command("manage.py", "makemigrations", "--check", "--dry-run", environ=served),
        "settings": command("manage.py", "check", "--deploy", "--fail-level", "WARNING", environ=served),
        "knowledge": command("-m", "localization", "check"),
        "documents": generated_documents,
        "tracked files": tracked_files,
    }


def main(names: list[str]) -> int:
    """Run the named checks, or all, and return 1 when any found something."""
    with tempfile.TemporaryDirectory(prefix="footdrop-check-") as folder:
        known = checks(folder)
        if unknown := [name for name in names if name not in known]:
            print(f"No check is called {', '.join(unknown)}; there are: {', '.join(known)}.", file=sys.stderr)
            return 1
        bad = []
        for name in names or known:
            started = time.monotonic()
            result = known[name]()
            print(
                f"{'ok ' if result.is_good else 'BAD'}  {name} ({time.monotonic() - started:.1f} s)",
                flush=True,
            )
            if not result.is_good:
                bad.append(name)
                print(result.output.rstrip(), flush=True)
    print(
        f"{len(bad)} of {len(names or known)} checks found something: {', '.join(bad)}"
        if bad
        else "All checks good."
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
