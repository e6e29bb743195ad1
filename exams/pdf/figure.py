"""The nerve pathway as a standing SVG: the screen's own drawing with the print's colours inside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

DRAWING = "exams/pathway.html"
OPENING = '<svg class="pathway"'


@cache
def _style() -> str:
    return Path(__file__).with_name("pathway.css").read_text(encoding="utf-8")


def drawn(figure: dict[str, Any]) -> str:
    """Return the drawing of one leg as SVG text that needs nothing from outside."""
    svg = render_to_string(DRAWING, {"pathway": figure, "prefix": f"print-{figure['side']}"})
    start = svg.index(OPENING)
    body = svg.index(">", start) + 1
    opening = svg[start : body - 1].replace(OPENING, f'{OPENING} xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{opening}><style>{_style()}</style>{svg[body:]}"
