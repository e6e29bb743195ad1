"""What each role of a clinic may do, and what somebody is told whose role does not allow it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Right = Literal["read", "examine", "sign", "supervise", "audit", "manage"]

FILE = Path(__file__).with_suffix(".toml")


@cache
def matrix() -> Mapping[str, Any]:
    """Return the tables of `roles.toml`. The result is shared: do not change it.

    Raises:
        ValueError: when the file gives or asks for a right that the code does not know.
    """
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known, given = set(get_args(Right)), {right for rights in tables["role"].values() for right in rights}
    if set(tables["right"]) != known or not given <= known:
        message = f"{FILE.name} names other rights than {', '.join(sorted(known))}."
        raise ValueError(message)
    return tables


def allows(role: str, right: Right) -> bool:
    """Say whether the role gives the right; a role that the matrix does not list gives none."""
    return right in matrix()["role"].get(role, ())


def refusal(right: Right) -> str:
    """Return the sentence for somebody who does not hold the right."""
    return str(matrix()["right"][right])
