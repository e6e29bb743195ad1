"""What the templates of the drawing and the panel look up and say: an entry by its key, and a duration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the entry of a mapping, or an empty text where it has none; keys may hold a hyphen."""
    return mapping.get(key, "")


@register.filter
def duration(minutes: float) -> str:
    """Return a time in minutes as words: seconds below one minute, else minutes."""
    if minutes < 1:
        return f"{round(minutes * 60):d} s"
    return f"{minutes:g} min"
