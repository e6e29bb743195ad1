"""Prints the knowledge file of the bands' observed rates, counted on the published patients."""

from __future__ import annotations

import sys

from localization.casefile import parse_case
from localization.evaluation.observed import page
from tools.environment import ROOT

CASES = ROOT / "tests" / "cases"


def main() -> int:
    """Print observed.toml as it should be now."""
    cases = [parse_case(path.name, path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.toml"))]
    sys.stdout.write(page(cases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
