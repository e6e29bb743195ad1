"""Makes any text printable: a character that the report's font lacks prints as its code, never as a blank."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
JOINERS = frozenset("\u00ad\u200c\u200d")
GROUPED = 12  # the form of a character map that lists every code point, in groups


def printable(value: Any) -> Any:
    """Return the JSON-ready value with every text made printable."""
    if isinstance(value, str):
        return "".join(_shown(character) for character in value)
    if isinstance(value, dict):
        return {name: printable(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [printable(entry) for entry in value]
    return value


@cache
def _shown(character: str) -> str:
    """Return the character, a space for a tab, or its code in brackets when it has no shape of its own."""
    if character == "\n":
        return character
    if character == "\t":
        return " "
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in JOINERS
    if hidden or ord(character) not in covered():
        return f"[U+{ord(character):04X}]"
    return character


@cache
def covered() -> frozenset[int]:
    """Return the code points that every face of the report's font can draw."""
    faces = [_code_points(path.read_bytes()) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset.intersection(*faces)


def _code_points(font: bytes) -> frozenset[int]:
    """Return the code points in a TrueType font's full character map; raises LookupError without one."""
    start = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    for index in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * index + 4)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == GROUPED:
            return _groups(font, start + offset)
    raise LookupError("The font has no full character map.")


def _table(font: bytes, name: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(count))
    return next(int(offset) for tag, _, offset, _ in entries if tag == name)


def _groups(font: bytes, at: int) -> frozenset[int]:
    (count,) = struct.unpack_from(">I", font, at + 12)
    groups = (struct.unpack_from(">III", font, at + 16 + 12 * index) for index in range(count))
    return frozenset(point for first, last, _ in groups for point in range(first, last + 1))
