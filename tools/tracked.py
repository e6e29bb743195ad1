"""Looks through the files under version control for what must not stand in them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.environment import ROOT

# Written in pieces, so that this file does not hold what it looks for.
INDEX_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.",
    "registry.np" + "mjs",
    "deb.deb" + "ian.",
    "security.deb" + "ian.",
)
MACHINE_FOLDERS = ("/work" + "/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/")
# A folder's name counts where a path can begin, so that an address such as example.org/homework does not.
PATTERN = re.compile(
    "|".join(re.escape(host) for host in INDEX_HOSTS)
    + "|"
    + r"(?<![\w.)}\]/-])(?:"
    + "|".join(re.escape(folder) for folder in MACHINE_FOLDERS)
    + ")"
)
VENDORED = ("static/vendor/", "tests/vendor/")


@dataclass(frozen=True)
class Trace:
    """One line that names a package index or a folder of some machine."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text.strip()[:120]}"


def tracked_files(root: Path = ROOT) -> list[str]:
    """Return the files under version control, or about to be, as paths below the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode("utf-8")
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def traces_in(path: str, content: bytes) -> list[Trace]:
    """Return the offending lines of one file; a binary file has none."""
    if b"\0" in content:
        return []
    lines = content.decode("utf-8", errors="replace").splitlines()
    return [Trace(path, number, text) for number, text in enumerate(lines, 1) if PATTERN.search(text)]


def traces(root: Path = ROOT) -> list[Trace]:
    """Return every line of the repository that names a package index or a machine's folder."""
    return [
        trace
        for name in tracked_files(root)
        if not name.startswith(VENDORED)
        for trace in traces_in(name, (root / name).read_bytes())
    ]
