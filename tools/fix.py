"""Mends what ruff can mend: import order, older spellings, layout."""

from __future__ import annotations

import subprocess
import sys

from tools.environment import ROOT, python


def main() -> int:
    """Apply ruff's safe fixes and its formatting; what is left is listed."""
    statuses = [
        subprocess.run([python(), "-m", "ruff", *arguments], cwd=ROOT, check=False).returncode
        for arguments in (("check", "--fix"), ("format",))
    ]
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main())
