"""Writes a telephone number as the address that a telephone dials."""

from __future__ import annotations

import re

from django import template

register = template.Library()


@register.filter
def dialled(number: str) -> str:
    """Return the `tel:` address of a number as a clinic typed it: its digits, and a plus in front."""
    plus = "+" if number.strip().startswith("+") else ""
    return f"tel:{plus}{re.sub(r'[^0-9]', '', number.replace('(0)', '') if plus else number)}"


__all__ = ["dialled"]
