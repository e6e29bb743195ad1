"""Writes and verifies the audit trail: per clinic one chain of keyed hashes that never forks."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from clinics.models import AuditEvent, AuditValues, ChainHead, Clinic, SubjectKey
from clinics.prepared import add_row, change_rows, one_row

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Model

    from clinics.desk import Desk

JSON: TypeAlias = Mapping[str, "JSON"] | Sequence["JSON"] | str | int | float | bool | None

# The act that allows a patient's key to be gone from the trail.
ERASED = "patient.erased"
NO_VALUES: Mapping[str, JSON] = {}
# All that an event says; its hash is over these.
CHAINED = (
    "clinic_id",
    "sequence",
    "at",
    "user_id",
    "role",
    "address",
    "act",
    "object_type",
    "object_id",
    "subject",
    "values_digest",
    "previous_hash",
)


def record(
    desk: Desk,
    act: str,
    obj: Model,
    *,
    values: Mapping[str, JSON] = NO_VALUES,
    subject: UUID | None = None,
) -> AuditEvent:
    """Append what is being done to the clinic's trail, in the transaction that does it.

    Args:
        desk: who acts, and where.
        act: a short token such as "answer.saved".
        obj: what it is done to.
        values: what was set; sealed under the subject's key, so that an erasure can take them out.
        subject: the patient whom the values are about; None for an act about nobody.

    Raises:
        TransactionManagementError: when no transaction is open: the act could happen without its event.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit event belongs in the transaction of its act.")
    # The lock is held until the caller's transaction ends, so the next writer sees this link or none.
    head = one_row(ChainHead, {"pk": desk.clinic.pk}, locked=True) or _first_head(desk.clinic)
    key = _key_for(desk.clinic, subject)
    plain = canonical(values)
    event = AuditEvent(
        clinic_id=desk.clinic.pk,
        sequence=head.sequence + 1,
        at=timezone.now(),
        user_id=desk.user.pk,
        role=desk.membership.role,
        address=desk.address,
        act=act,
        object_type=_kind(obj),
        object_id=str(obj.pk),
        subject=subject,
        values_digest=_keyed_hash(key, plain),
        previous_hash=head.hash,
    )
    event.hash = _link(event)
    add_row(event)
    if values:
        add_row(AuditValues(event_id=event.pk, token=Fernet(key).encrypt(plain)))
    change_rows(ChainHead, {"pk": head.pk}, {"sequence": event.sequence, "hash": event.hash})
    return event


def record_view(desk: Desk, obj: Model, *, act: str = "", subject: UUID | None = None) -> AuditEvent:
    """Record that a clinical page was opened; called before anything of it is rendered.

    Args:
        desk: who looks.
        obj: what is shown; the clinic itself for a list.
        act: the token of the act; by default the object's name and "viewed", as in "exam.viewed".
        subject: the patient whom the page is about.
    """
    with transaction.atomic():
        return record(desk, act or f"{_kind(obj)}.viewed", obj, subject=subject)


def values_of(event: AuditEvent) -> Mapping[str, JSON] | None:
    """Return the values of an event, or None when they were erased.

    Raises:
        cryptography.fernet.InvalidToken: when the stored values are not what the key sealed.
    """
    sealed = AuditValues.objects.filter(event=event).first()
    if sealed is None:
        return NO_VALUES
    key = SubjectKey.objects.filter(subject=_subject_of(event)).first()
    if key is None:
        return None
    values: dict[str, JSON] = json.loads(Fernet(bytes(key.key)).decrypt(bytes(sealed.token)))
    return values


def verify_chain(clinic: Clinic) -> int | None:
    """Walk the clinic's trail and return the first sequence number that does not hold, or None.

    A number that does not hold was changed, removed, inserted or moved, or its values were; one
    past the last event means that the end of the trail was cut off.
    """
    erased = set(AuditEvent.objects.filter(clinic=clinic, act=ERASED).values_list("subject", flat=True))
    keys = {one.subject: bytes(one.key) for one in SubjectKey.objects.filter(clinic=clinic)}
    sequence, previous = 0, ""
    events = AuditEvent.objects.filter(clinic=clinic).order_by("sequence").select_related("sealed")
    for event in events.iterator(1000):
        sequence += 1
        in_place = event.sequence == sequence and event.previous_hash == previous
        if not in_place or event.hash != _link(event):
            return sequence
        key = keys.get(_subject_of(event))
        if key is None and event.subject not in erased:
            return sequence
        if key is not None and not _values_hold(event, key):
            return sequence
        previous = event.hash
    head = ChainHead.objects.filter(clinic=clinic).first()
    reached = (head.sequence, head.hash) if head else (0, "")
    return None if reached == (sequence, previous) else sequence + 1


def canonical(values: JSON) -> bytes:
    """Return the one spelling of the values that is hashed and sealed.

    Raises:
        ValueError: for a number that JSON cannot write.
    """
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def sealed_by_app(plain: bytes) -> str:
    """Return the keyed hash that only who holds the app's audit key can make."""
    return _keyed_hash(settings.AUDIT_KEY.encode(), plain)


def _values_hold(event: AuditEvent, key: bytes) -> bool:
    sealed: AuditValues | None = getattr(event, "sealed", None)
    try:
        plain = Fernet(key).decrypt(bytes(sealed.token)) if sealed else canonical(NO_VALUES)
    except InvalidToken:
        return False
    return hmac.compare_digest(event.values_digest, _keyed_hash(key, plain))


def _link(event: AuditEvent) -> str:
    """Return the event's hash over everything it says, the hash before it included."""
    said = {name: getattr(event, name) for name in CHAINED}
    spelled = {name: None if value is None else str(value) for name, value in said.items()}
    return sealed_by_app(canonical(spelled))


def _kind(obj: Model) -> str:
    return type(obj).__name__.lower()


def _keyed_hash(key: bytes, plain: bytes) -> str:
    return hmac.new(key, plain, hashlib.sha256).hexdigest()


def _subject_of(event: AuditEvent) -> UUID:
    return event.subject or event.clinic_id


def _first_head(clinic: Clinic) -> ChainHead:
    """Return the head of a chain that has no link yet, made by whoever comes first."""
    head, _ = ChainHead.objects.select_for_update().get_or_create(clinic=clinic)
    return head


def _key_for(clinic: Clinic, subject: UUID | None) -> bytes:
    """Return the patient's key, made at first use; acts about nobody are sealed under the clinic's."""
    owner = subject or clinic.pk
    kept = one_row(SubjectKey, {"pk": owner})
    if kept is None:
        new = {"clinic": clinic, "key": Fernet.generate_key()}
        kept, _ = SubjectKey.objects.get_or_create(subject=owner, defaults=new)
    return bytes(kept.key)
