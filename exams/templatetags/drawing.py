"""What the drawing and the panel look up and say: an entry by its key, a duration, a name in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from localization import SITES, RankedSite

register = template.Library()

LONGEST_NAME = 21  # letters that stand on one line of the panel beside the support


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the entry of a mapping, or an empty text where it has none; keys may hold a hyphen."""
    return mapping.get(key, "")


@register.filter
def duration(minutes: float) -> str:
    """Return a time in minutes as words: seconds below one minute, else minutes."""
    if minutes < 1:
        return f"{round(minutes * 60):d}\N{NO-BREAK SPACE}s"
    return f"{minutes:g}\N{NO-BREAK SPACE}min"


@register.filter
def in_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence: “L5 nerve root” keeps its capital, “Brain” does not."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


@register.filter
def level_name(entry: RankedSite) -> str:
    """Return a ranked level's name, the short one where the whole does not stand on one line."""
    return entry.label if len(entry.label) <= LONGEST_NAME else SITES[entry.site].short
