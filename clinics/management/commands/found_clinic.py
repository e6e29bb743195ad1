"""Opens a clinic on a server that has none yet, with the first person who may work in it."""

from __future__ import annotations

from getpass import getpass
from typing import Any, NoReturn
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Clinic, Membership


class Command(BaseCommand):
    """`manage.py found_clinic NAME EMAIL --person "Given Family"`: asks for the password twice, unseen."""

    help = "Open a clinic with its first person. The password is asked for; there is no default."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the clinic, the person and the role."""
        parser.add_argument("name", help="the clinic's name")
        parser.add_argument("email", help="the address the person signs in with")
        parser.add_argument("--person", required=True, help="given and family name, as reports print it")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.SUPERVISOR)
        parser.add_argument("--time-zone", default="Europe/London", help="such as Europe/Berlin")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the clinic in one transaction with its audit event, or say why not."""
        clinic = Clinic(name=options["name"].strip(), time_zone=options["time_zone"])
        given, _, family = options["person"].strip().partition(" ")
        email = options["email"].strip().lower()
        user = User(username=email, email=email, first_name=given, last_name=family)
        refuse_unusable(clinic, user)
        user.set_password(asked_password(user))
        with transaction.atomic():
            clinic.save()
            user.save()
            membership = Membership.objects.create(clinic=clinic, user=user, role=options["role"])
            desk = Desk(user=user, membership=membership, clinic=clinic, address="")
            record(desk, "clinic.founded", clinic, values={"name": clinic.name, "first": email})
        self.stdout.write(f"{clinic.name} is open. {user.get_full_name()} signs in as {email}.")


def refuse_unusable(clinic: Clinic, user: User) -> None:
    """Raise CommandError, in words, for a name, address or time zone that cannot be used."""
    if not clinic.name or not user.first_name or not user.last_name:
        raise CommandError(
            "Nothing was made: give the clinic a name, and the person a given and a family name."
        )
    if clinic.time_zone not in available_timezones():
        refuse(f"{clinic.time_zone} is no time zone. Try Europe/London.")
    try:
        validate_email(user.email)
    except ValidationError:
        refuse(f"{user.email} is no e-mail address.")
    if Clinic.objects.filter(name=clinic.name).exists():
        refuse(f"there is a clinic named {clinic.name} already.")
    if User.objects.filter(username=user.username).exists():
        refuse(f"{user.email} signs in here already.")


def asked_password(user: User) -> str:
    """Return the password typed twice alike; raises CommandError when it differs or is too weak."""
    password = getpass("Password: ")
    if password != getpass("The same password again: "):
        refuse("the two passwords differ.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        refuse(" ".join(error.messages))
    return password


def refuse(why: str) -> NoReturn:
    """Stop with the reason; nothing has been stored by then."""
    raise CommandError("Nothing was made: " + why)
