"""A thousand ways to tamper with a trail, each found at its first bad event; a cut tail by its anchor."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import transaction

from clinics.anchors import AnchorError, new_anchors, read_anchors, verify_trail
from clinics.audit import record, verify_chain
from clinics.desk import Desk
from clinics.models import AuditEvent, AuditValues, ChainHead, Clinic, SubjectKey
from tests import factories
from tests.plugins.flushing import unguarded

EVENTS = 12
TAMPERINGS, IN_SHORT = 1000, 60
CHANCE = random.Random(20261123)  # noqa: S311 - repeatable, and no secret
Tampering = Callable[[Clinic, random.Random], int]


@pytest.fixture
def desk(db: None) -> Desk:  # noqa: ARG001
    """Somebody whose clinic's trail holds a dozen events about two patients and about nobody."""
    here = factories.desk(factories.person(factories.clinic()))
    subjects = (uuid4(), uuid4(), None)
    with transaction.atomic():
        for number in range(EVENTS):
            values = {} if number % 4 == 3 else {"token": str(number)}
            record(here, "answer.saved", here.clinic, values=values, subject=subjects[number % 3])
    return here


def events(clinic: Clinic) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(clinic=clinic).order_by("sequence"))


def edit(clinic: Clinic, chance: random.Random) -> int:
    """Change one thing that one event says; returns the number of the first event that no longer holds."""
    event = chance.choice(events(clinic))
    changes: list[dict[str, object]] = [
        {"act": "exam.viewed"},
        {"role": "auditor"},
        {"address": "198.51.100.7"},
        {"user": None},
        {"object_id": str(uuid4())},
        {"object_type": "exam"},
        {"values_digest": f"{chance.getrandbits(256):064x}"},
        {"hash": f"{chance.getrandbits(256):064x}"},
        {"at": event.at + timedelta(seconds=chance.choice((-7200, -1, 1, 86400)))},
    ]
    AuditEvent.objects.filter(pk=event.pk).update(**chance.choice(changes))
    return event.sequence


def delete(clinic: Clinic, chance: random.Random) -> int:
    event = chance.choice(events(clinic))
    AuditValues.objects.filter(event=event).delete()
    AuditEvent.objects.filter(pk=event.pk).delete()
    return event.sequence


def insert(clinic: Clinic, chance: random.Random) -> int:
    """Push one event in between, the later ones moved up by one, hashes as an attacker would guess them."""
    here = events(clinic)
    place = chance.randint(1, EVENTS)
    for event in reversed(here[place - 1 :]):
        AuditEvent.objects.filter(pk=event.pk).update(sequence=event.sequence + 1)
    AuditEvent.objects.create(
        clinic=clinic,
        sequence=place,
        at=here[place - 1].at,
        act="exam.viewed",
        object_type="exam",
        object_id=str(uuid4()),
        values_digest="0" * 64,
        previous_hash=f"{chance.getrandbits(256):064x}",
        hash=f"{chance.getrandbits(256):064x}",
    )
    return place


def swap(clinic: Clinic, chance: random.Random) -> int:
    one, other = sorted(chance.sample(events(clinic), 2), key=lambda event: event.sequence)
    for pk, number in ((one.pk, 10_000), (other.pk, one.sequence), (one.pk, other.sequence)):
        AuditEvent.objects.filter(pk=pk).update(sequence=number)
    return one.sequence


def forge_values(clinic: Clinic, chance: random.Random) -> int:
    """Seal other values with the patient's own key, which stands in the same database."""
    sealed = chance.choice(list(AuditValues.objects.filter(event__clinic=clinic).select_related("event")))
    key = SubjectKey.objects.get(subject=sealed.event.subject or clinic.pk)
    AuditValues.objects.filter(pk=sealed.pk).update(
        token=Fernet(bytes(key.key)).encrypt(b'{"token":"forged"}')
    )
    return sealed.event.sequence


def drop_values(clinic: Clinic, chance: random.Random) -> int:
    sealed = chance.choice(list(AuditValues.objects.filter(event__clinic=clinic).select_related("event")))
    number = sealed.event.sequence
    sealed.delete()
    return number


def cut_the_tail(clinic: Clinic, chance: random.Random) -> int:
    """Remove the last events and set the head back with them: the chain that is left is whole."""
    first = chance.randint(2, EVENTS)
    gone = AuditEvent.objects.filter(clinic=clinic, sequence__gte=first)
    AuditValues.objects.filter(event__in=gone).delete()
    gone.delete()
    last = AuditEvent.objects.get(clinic=clinic, sequence=first - 1)
    ChainHead.objects.filter(clinic=clinic).update(sequence=last.sequence, hash=last.hash)
    return first


def rebuild(clinic: Clinic, chance: random.Random) -> int:
    """Change an event and link all later ones anew, without the key."""
    first = chance.randint(1, EVENTS)
    previous = events(clinic)[first - 2].hash if first > 1 else ""
    for event in events(clinic)[first - 1 :]:
        link = f"{chance.getrandbits(256):064x}"
        AuditEvent.objects.filter(pk=event.pk).update(act="exam.viewed", previous_hash=previous, hash=link)
        previous = link
    ChainHead.objects.filter(clinic=clinic).update(hash=previous)
    return first


KINDS: tuple[Tampering, ...] = (edit, delete, insert, swap, forge_values, drop_values, cut_the_tail, rebuild)


def tamper(desk: Desk, count: int) -> None:
    """Tamper `count` times, each time from the whole trail, and have each found where it begins."""
    anchors = tuple(new_anchors())
    assert verify_trail(desk.clinic, anchors).broken_at is None
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        with transaction.atomic():
            first = kind(desk.clinic, CHANCE)
            found = verify_trail(desk.clinic, anchors).broken_at
            transaction.set_rollback(True)
        assert found == first, f"tampering {number}, {kind.__name__}: found at {found}, made at {first}"
    assert verify_trail(desk.clinic, anchors).broken_at is None


def test_I04_every_tampering_is_found_at_its_first_event(desk: Desk) -> None:
    with unguarded():
        tamper(desk, IN_SHORT)


@pytest.mark.long
def test_I04_a_thousand_tamperings_are_all_found(desk: Desk) -> None:
    with unguarded():
        tamper(desk, TAMPERINGS)


def test_I04_a_tail_cut_off_with_its_head_is_seen_only_by_its_anchor(desk: Desk) -> None:
    anchors = tuple(new_anchors())
    with unguarded():
        first = cut_the_tail(desk.clinic, CHANCE)
    assert verify_chain(desk.clinic) is None
    assert verify_trail(desk.clinic, anchors).broken_at == first


def test_I04_the_commands_anchor_and_verify_and_name_the_clinic(desk: Desk, tmp_path: Path) -> None:
    written = StringIO()
    call_command("anchor_trail", stdout=written)
    file = tmp_path / "anchors.jsonl"
    file.write_text(written.getvalue(), encoding="utf-8")
    told = StringIO()
    call_command("verify_trail", anchors=file, stdout=told)
    assert told.getvalue() == f"{desk.clinic.name}: {EVENTS} events, 1 anchors; whole.\n"
    with unguarded():
        first = cut_the_tail(desk.clinic, CHANCE)
    told = StringIO()
    with pytest.raises(CommandError, match="1 of the above do not hold"):
        call_command("verify_trail", anchors=file, stdout=told)
    assert f"BROKEN at event {first}." in told.getvalue()


def test_I04_an_anchor_that_was_changed_is_refused(desk: Desk, tmp_path: Path) -> None:  # noqa: ARG001
    line = next(new_anchors()).line
    assert read_anchors([line, ""])[0].sequence == EVENTS
    with pytest.raises(AnchorError, match="Line 2 does not bear this server's seal"):
        read_anchors([line, line.replace(f'"sequence": {EVENTS}', '"sequence": 3')])
    for bad in ("{}", "[]", "no JSON", '{"seal": "x", "clinic": 3}'):
        with pytest.raises(AnchorError, match="Line 1 is no anchor"):
            read_anchors([bad])
    file = tmp_path / "anchors.jsonl"
    file.write_text("no JSON", encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was verified"):
        call_command("verify_trail", anchors=file, stdout=StringIO())
