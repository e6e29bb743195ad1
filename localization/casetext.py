"""Findings written as a case file, such that reading the text gives the same findings again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from localization.catalogue import Value, catalogue
from localization.findings import NAMED, OTHER_SIDE, Findings, Side

Values: TypeAlias = dict[str, Value | int]
SIDES: Mapping[str, Side] = {"left": "left", "right": "right"}


def plain_and_contra(findings: Findings) -> tuple[Values, Values]:
    """Return the two tables of a case file, in catalogue order.

    Plain ids are the side that is named, else the index leg, together with what is recorded once. A file that
    names no single side does not tell left from right: read again, its plain ids are LEFT.
    """
    plain = SIDES.get(str(findings.unsided.get(NAMED)), findings.index)
    once = {**findings.unsided, **findings.leg(plain)}
    return _in_order(once), _in_order(findings.leg(OTHER_SIDE[plain]))


def case_table(findings: Findings) -> dict[str, Value | int | Values]:
    """Return the [findings] table of a case file as one object."""
    plain, contra = plain_and_contra(findings)
    return {**plain, "contra": contra} if contra else {**plain}


def case_text(findings: Findings, head: Mapping[str, str]) -> str:
    """Return a case file (TOML) with the entries of `head`, such as id and site, above its findings."""
    plain, contra = plain_and_contra(findings)
    lines = [*_lines(head), "", "[findings]", *_lines(plain)]
    if contra:
        lines += ["", "[findings.contra]", *_lines(contra)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _in_order(values: Mapping[str, Value]) -> Values:
    return {name: _plain(values[name]) for name in catalogue().findings if name in values}


def _plain(value: Value) -> Value | int:
    """Return a whole number as such: 39 years are not written as 39.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _lines(table: Mapping[str, Value | int]) -> list[str]:
    # A JSON string is a TOML string as well, except for the delete character, which JSON leaves as it is.
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for name, value in table.items()
    ]
