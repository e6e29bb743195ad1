"""Says who is acting, in which clinic and role, and from which address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django_htmx.middleware import HtmxDetails

    from clinics.models import Clinic, Membership


@dataclass(frozen=True, slots=True)
class Desk:
    """The person acting, where they act, and from which network address (empty when unknown)."""

    user: User
    membership: Membership
    clinic: Clinic
    address: str


class ClinicRequest(HttpRequest):
    """A request that passed `clinic_page`: somebody is signed in and sits at a desk."""

    user: User
    desk: Desk
    htmx: HtmxDetails
