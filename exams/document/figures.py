"""The nerve pathway of a leg as data: the marks on the drawing, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exams.document.words import lowered, text
from localization import CATALOGUE, SITES

if TYPE_CHECKING:
    from localization import Pathway


def figure(drawn: Pathway) -> dict[str, Any]:
    """Return the drawing of one leg: its marks by the ids of the picture, and a text that says the same."""
    return {
        "side": drawn.side,
        "title": drawn.title,
        "alt": _in_words(drawn),
        "muscles": {name: {"state": mark.state, "text": mark.text} for name, mark in drawn.muscles.items()},
        "segments": dict(drawn.segments),
        "sites": {name: {"rank": mark.rank, "detail": mark.detail} for name, mark in drawn.sites.items()},
    }


def _in_words(drawn: Pathway) -> str:
    ranked = sorted((mark.rank, name) for name, mark in drawn.sites.items() if mark.rank)
    return text(
        "figure_alt",
        title=drawn.title,
        weak=_muscles(drawn, "is-weak"),
        normal=_muscles(drawn, "is-normal"),
        untested=_muscles(drawn, ""),
        ranked=", ".join(text("ranked_site", rank=rank, site=SITES[name].label) for rank, name in ranked)
        or text("figure_none"),
    )


def _muscles(drawn: Pathway, state: str) -> str:
    named = [
        f"{lowered(CATALOGUE[name].label)} {mark.text}".strip()
        for name, mark in drawn.muscles.items()
        if mark.state == state
    ]
    return ", ".join(named) or text("figure_none")
