"""Fixes the head of each clinic's trail outside the database, so that a tail cut off together with it shows.

An anchor is one line of JSON: clinic, number and hash of the last event, time, and a keyed hash over
these. Kept where nobody who can write the database can write too, it proves that the trail reached so far.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils import timezone

from clinics.audit import canonical, sealed_by_app, verify_chain
from clinics.models import AuditEvent, ChainHead, Clinic


class AnchorError(Exception):
    """A line is no anchor of this server; says which line and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """That a clinic's trail had reached the event `sequence` with this `hash` at a time (UTC, ISO 8601)."""

    clinic: str
    sequence: int
    hash: str
    at: str

    @property
    def line(self) -> str:
        """The anchor as it is written down, with its seal."""
        said = asdict(self)
        return json.dumps({**said, "seal": sealed_by_app(canonical(said))}, sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying a clinic's trail came to; `broken_at` is the first event that does not hold, or None."""

    clinic: Clinic
    events: int
    anchors: int
    broken_at: int | None


def new_anchors() -> Iterator[Anchor]:
    """Yield an anchor for every clinic of which anything was recorded."""
    now = timezone.now().isoformat()
    for head in ChainHead.objects.order_by("clinic_id"):
        yield Anchor(clinic=str(head.clinic_id), sequence=head.sequence, hash=head.hash, at=now)


def read_anchors(lines: Iterable[str]) -> tuple[Anchor, ...]:
    """Return the anchors of a file; raises AnchorError for a line that this server did not write."""
    return tuple(_read(number, line) for number, line in enumerate(lines, start=1) if line.strip())


def verify_trail(clinic: Clinic, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Verify a clinic's chain, then that it holds every event at which it was anchored."""
    own = sorted((one for one in anchors if one.clinic == str(clinic.pk)), key=lambda one: one.sequence)
    count = AuditEvent.objects.filter(clinic=clinic).count()
    found = (verify_chain(clinic), _first_unheld(clinic, count, own))
    broken_at = min((number for number in found if number), default=None)
    return Verdict(clinic=clinic, events=count, anchors=len(own), broken_at=broken_at)


def _first_unheld(clinic: Clinic, count: int, anchors: list[Anchor]) -> int | None:
    """Return the first number that an anchor proves to be changed or gone."""
    wanted = [one.sequence for one in anchors]
    stored = dict(
        AuditEvent.objects.filter(clinic=clinic, sequence__in=wanted).values_list("sequence", "hash")
    )
    for anchor in anchors:
        if stored.get(anchor.sequence) != anchor.hash:
            return min(anchor.sequence, count + 1)
    return None


def _read(number: int, line: str) -> Anchor:
    try:
        said = json.loads(line)
        seal = said.pop("seal")
        anchor = Anchor(**said)
        UUID(anchor.clinic)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"Line {number} is no anchor. Give the file that manage.py anchor_trail wrote, unchanged."
        raise AnchorError(message) from error
    if not hmac.compare_digest(str(seal), sealed_by_app(canonical(asdict(anchor)))):
        message = (
            f"Line {number} does not bear this server's seal: it was changed, or another server wrote it."
        )
        raise AnchorError(message)
    return anchor
