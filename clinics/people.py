"""Who works in a clinic: inviting, changing a role, disabling; each one transaction with its audit event."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Membership
from clinics.refusals import Refused

OWN_SEAT = "You cannot change your own role or disable yourself. Ask another administrator of the clinic."
ALREADY = "This person already works in this clinic. Nothing was changed; find the name in the list below."


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A new seat; `path` is where the person chooses a password, empty for one who already signs in here."""

    membership: Membership
    path: str


def invite(
    *, desk: Desk, email: str, given: str, family: str, role: str, registration: str = ""
) -> Invitation:
    """Give somebody a role in the desk's clinic; raises Refused when the person already has one.

    An address that is new to this server gets an account without a password: the invitation's path lets
    its holder choose one, once, within Django's PASSWORD_RESET_TIMEOUT. Somebody who signs in here
    already keeps name and password.
    """
    address = email.strip().lower()
    with transaction.atomic():
        user, is_new = User.objects.select_for_update().get_or_create(
            username=address, defaults={"email": address, "first_name": given, "last_name": family}
        )
        if is_new:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        if Membership.objects.filter(clinic=desk.clinic, user=user).exists():
            raise Refused(ALREADY)
        membership = Membership.objects.create(
            clinic=desk.clinic, user=user, role=role, registration=registration
        )
        values = {"email": address, "role": role}
        if registration:
            values["registration"] = registration
        record(desk, "person.invited", membership, values=values)
    return Invitation(membership=membership, path=link_for(membership))


def link_for(membership: Membership) -> str:
    """Return where an invited person chooses a password; empty once one has been chosen.

    Empty too for somebody whom another clinic has let in: whoever holds the link becomes that person, and
    would so reach the other clinic's records. The link that clinic handed over still works.
    """
    user = membership.user
    if user.has_usable_password() or user.memberships.exclude(pk=membership.pk).exists():
        return ""
    names = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=names)


def change_role(*, desk: Desk, membership: Membership, role: str) -> None:
    """Give a person of the clinic another role, from the next request on; raises Refused for one's own."""
    _change(desk, membership, "role", role, act="person.role_changed")


def set_active(*, desk: Desk, membership: Membership, active: bool) -> None:
    """Disable a person in this clinic, or let them in again; raises Refused for oneself.

    What the person recorded stays, under their name.
    """
    _change(desk, membership, "is_active", active, act="person.enabled" if active else "person.disabled")


def set_registration(*, desk: Desk, membership: Membership, registration: str) -> None:
    """Give a person of the clinic a professional number, printed where they sign from now on."""
    _change(desk, membership, "registration", registration, act="person.registration_changed")


def _change(desk: Desk, membership: Membership, name: str, value: str | bool, *, act: str) -> None:
    with transaction.atomic():
        locked = Membership.objects.select_for_update().get(clinic=desk.clinic, pk=membership.pk)
        if locked.user_id == desk.user.pk:
            raise Refused(OWN_SEAT)
        old = getattr(locked, name)
        if old == value:
            return
        setattr(locked, name, value)
        locked.save(update_fields=[name])
        record(desk, act, locked, values={"person": locked.user.email, "old": old, "new": value})
