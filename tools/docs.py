"""Writes the generated documents, and tells which of them no longer say what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT

# Each generated page, and the command whose output it is. The reference page names the digest of the
# knowledge, so what is generated inside the knowledge comes first.
GENERATED = {
    Path("localization/knowledge/observed.toml"): ("-m", "tools.observed"),
    Path("docs/reference/findings.md"): ("-m", "localization", "reference"),
    Path("localization/README.md"): ("-m", "tools.figures"),
}


def generate(command: tuple[str, ...]) -> str:
    """Return what a page should say; raises CalledProcessError when its command fails."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8")


def stale() -> list[Path]:
    """Return the pages that are missing or differ from what would be generated now."""
    pages = []
    for path, command in GENERATED.items():
        page = ROOT / path
        if not page.exists() or page.read_text(encoding="utf-8") != generate(command):
            pages.append(path)
    return pages


def main() -> int:
    """Write every generated page."""
    for path, command in GENERATED.items():
        page = ROOT / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(generate(command), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
