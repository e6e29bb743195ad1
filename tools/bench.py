"""Measures what a person waits for, each as a ratio to a floor timed in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tools.environment import ROOT

PREPARATION = (
    ("migrate", "--verbosity", "0"),
    ("load_demo",),
    ("collectstatic", "--no-input", "--verbosity", "0"),
)


def prepare_site(folder: str) -> None:
    """Point Django at a demo copy of its own in `folder`, and fill it."""
    os.environ.update(FOOTDROP_DEMO="1", FOOTDROP_VAR=folder, DJANGO_SETTINGS_MODULE="footdrop.settings")
    os.environ.pop("DATABASE_URL", None)
    for arguments in PREPARATION:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Print every figure."""
    with tempfile.TemporaryDirectory(prefix="footdrop-bench-", ignore_cleanup_errors=True) as folder:
        prepare_site(folder)
        # Django reads its settings when it is first imported, so the figures are loaded only now.
        from tools.bench_engine import engine_figures  # noqa: PLC0415
        from tools.bench_site import site_figures  # noqa: PLC0415
        from tools.keystrokes import lines  # noqa: PLC0415

        for figure in (*engine_figures(), *site_figures()):
            print(figure, flush=True)
        for line in lines():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
