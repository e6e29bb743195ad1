"""Asks for the password once more where a signature is given, and stops guessing before it is hashed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import AuditEvent
from clinics.refusals import Refused

TRIES = 5
WINDOW = timedelta(minutes=15)
ASKED, ACCEPTED = "password.asked", "password.accepted"

WRONG = "The password is not right. Nothing was signed, and everything recorded is kept. Type it again."
TOO_MANY = (
    "The password was wrong too often. Nothing was signed, and everything recorded is kept. "
    "Wait 15 minutes, then try again."
)


class WrongPassword(Exception):  # noqa: N818 - an answer to the user, not a programming error
    """The password given with a signature was not the person's own; the message is for the user."""

    def __init__(self) -> None:
        super().__init__(WRONG)


def confirm_password(desk: Desk, password: str) -> None:
    """Return when the password is the person's own.

    Raises WrongPassword, or Refused (429) after five attempts in fifteen minutes. The attempt is in the
    trail before the password is looked at, so attempts made at the same moment are counted as well.
    """
    with transaction.atomic():
        event = record(desk, ASKED, desk.user)
        tries = _tries_since_accepted(event)
    if tries > TRIES:
        raise Refused(TOO_MANY, status=429)
    if not desk.user.check_password(password):
        raise WrongPassword
    with transaction.atomic():
        record(desk, ACCEPTED, desk.user)


def _tries_since_accepted(event: AuditEvent) -> int:
    """Return how many attempts since the last right one the person has made within the window."""
    mine = AuditEvent.objects.filter(
        clinic=event.clinic, object_id=event.object_id, user=event.user, at__gt=timezone.now() - WINDOW
    )
    accepted = mine.filter(act=ACCEPTED).order_by("-sequence").first()
    since = accepted.sequence if accepted else 0
    return mine.filter(act=ASKED, sequence__gt=since, sequence__lte=event.sequence).count()
