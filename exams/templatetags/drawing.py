"""What templates need to draw with live data: a look-up by key, a value's sign and words, a duration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from localization import CATALOGUE

register = template.Library()

SIGNS = {"abnormal": "weak", "normal": "ok", "neutral": "plain"}


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the entry of a mapping, or an empty text where it has none; keys may hold a hyphen."""
    return mapping.get(key, "")


@register.filter
def sign(token: str, finding: str) -> str:
    """Return which sign stands beside a value of a finding: "weak" (▼), "ok" (tick) or "plain" (none)."""
    return SIGNS[CATALOGUE[finding].state_of(token)]


@register.filter
def value_words(token: str, finding: str) -> str:
    """Return the words in which a value of a finding is read back."""
    return CATALOGUE[finding].value_label(token)


@register.filter
def duration(minutes: float) -> str:
    """Return a time in minutes as words: seconds below one minute, else minutes."""
    if minutes < 1:
        return f"{round(minutes * 60):d} s"
    return f"{minutes:g} min"
