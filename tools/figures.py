"""Prints the engine's page with the figures of a fresh evaluation between its two marks."""

from __future__ import annotations

import sys

from localization.casefile import parse_case
from localization.evaluation import evaluate
from localization.evaluation.figures import as_markdown
from tools.environment import ROOT

PAGE = ROOT / "localization" / "README.md"
BEGIN, END = "<!-- figures: begin -->\n", "\n<!-- figures: end -->"
SETTING = "physiotherapy_clinic"


def page() -> str:
    """Return the page; the text around the figures stays as it is."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    files = sorted((ROOT / "tests" / "cases").glob("*.toml"))
    cases = [parse_case(path.name, path.read_text(encoding="utf-8")) for path in files]
    return before + BEGIN + as_markdown(evaluate(cases, SETTING)) + END + after


if __name__ == "__main__":
    sys.stdout.write(page())
