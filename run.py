#!/usr/bin/env python3
"""The one door: starts footdrop, or tests and checks it, on a machine that has only Python.

python3 run.py                 the app with demo data on http://127.0.0.1:8000 (PORT and HOST change that)
python3 run.py test [--all]    every test, on both databases and in a real browser; more words go to pytest
python3 run.py check           lint, types, import contracts, migrations, settings, knowledge, fresh documents
python3 run.py bench           figures, as ratios measured in one run
python3 run.py fix             mend what ruff can mend
python3 run.py docs            write the generated documents again
python3 run.py golden          what changed in the answers to published patients; --write freezes them
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
# Each command is a module of tools/, started inside .venv.
MODULES = {
    "serve": "tools.serve",
    "test": "tools.suite",
    "check": "tools.checks",
    "bench": "tools.bench",
    "fix": "tools.fix",
    "docs": "tools.docs",
    "golden": "tools.golden",
}


def too_old(version: tuple[int, int]) -> str | None:
    """Return the line for a Python that is too old, or None when it is new enough."""
    if version >= OLDEST_PYTHON:
        return None
    wanted, found = (".".join(map(str, numbers)) for numbers in (OLDEST_PYTHON, version))
    return f"footdrop needs Python {wanted} or newer; this is Python {found}. Start run.py with a newer one."


def fail(line: str) -> int:
    """Say one line on standard error and return the exit status of a failure."""
    print(line, file=sys.stderr)
    return 1


def start(module: str, arguments: list[str]) -> int:
    """Run a module of the project inside .venv; on POSIX it takes this process's place."""
    from tools.environment import python

    command = [str(python()), "-m", module, *arguments]
    sys.stdout.flush()
    if os.name == "posix":
        os.chdir(ROOT)
        os.execv(command[0], command)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(arguments: list[str]) -> int:
    """Carry out one command line and return its exit status."""
    if line := too_old(sys.version_info[:2]):
        return fail(line)
    from tools.address import AddressError, wanted_address
    from tools.environment import NotReadyError, locks_of, prepare

    command = arguments[0] if arguments else "serve"
    if command in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    if command not in MODULES:
        return fail(f"There is no command {command!r}.\n{__doc__}")
    try:
        if command == "serve":
            wanted_address()
        for lock in locks_of(command):
            prepare(lock)
    except (AddressError, NotReadyError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("Stopped; start again to go on.")
    return start(MODULES[command], arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
