"""The report's own headings and labels, and how it writes times and sides."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, datetime

    from clinics.models import Clinic


@cache
def words() -> dict[str, Any]:
    """Return the tables of `words.toml`. The result is shared: do not change it."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def text(name: str, /, **filled: object) -> str:
    """Return one of the `[texts]` with its braces filled."""
    return str(words()["texts"][name]).format(**filled)


def day(when: date) -> str:
    """Return a date as the report writes it: 24 Nov 2026."""
    return f"{when.day} {when:%b %Y}"


def moment(when: datetime, clinic: Clinic) -> str:
    """Return a time in the clinic's zone with the zone's name, and the same in UTC."""
    local = when.astimezone(ZoneInfo(clinic.time_zone))
    utc = when.astimezone(ZoneInfo("UTC"))
    same_day = local.date() == utc.date()
    return text(
        "time",
        local=f"{day(local)}, {local:%H:%M %Z}",
        utc=f"{utc:%H:%M}" if same_day else f"{day(utc)}, {utc:%H:%M}",
    )


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence; words in capitals keep them."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def listed(items: list[str]) -> str:
    """Return names as a list inside a sentence."""
    return ", ".join(items)
