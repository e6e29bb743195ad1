"""Signing in: throttled before a password is hashed, and told to the trail of the person's clinics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import render

from clinics import sessions
from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Membership

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponse


def address_of(request: HttpRequest) -> str:
    """Return the network address the request came from, or nothing when the server did not say.

    X-Forwarded-For counts only as far as FOOTDROP_TRUSTED_PROXIES says: the rest of it is the client's word.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


class AccountAdapter(DefaultAccountAdapter):
    """The clinic's rules for accounts, where they differ from the library's."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right. Type both again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up: a clinic adds its people."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at; answer 429 when there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(too_many_attempts(request)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count per person and address, so that a stranger elsewhere cannot lock the person out."""
        login: str = credentials.get("email") or credentials.get("username") or ""
        return f"{login.lower()}|{address_of(request)}"

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Give the session a new key, start its clocks, and tell the person's clinics' trails."""
        super().login(request, user)
        sessions.begin(request)
        tell_clinics("person.signed_in", request, user)

    def logout(self, request: HttpRequest) -> None:
        """Tell the trails, end the session on the server and have the browser forget."""
        tell_clinics("person.signed_out", request, request.user)
        sessions.end(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing beside the pages themselves."""


def tell_clinics(act: str, request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> None:
    """Record what the person did in the trail of every clinic where they work."""
    if not isinstance(user, User):
        return
    with transaction.atomic():
        # In one order, so that two sign-ins never wait for each other's chain.
        mine = Membership.objects.current().filter(user=user).select_related("clinic").order_by("clinic")
        for one in mine:
            desk = Desk(user=user, membership=one, clinic=one.clinic, address=address_of(request))
            record(desk, act, user)


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """Return the page that asks to wait."""
    return render(request, "429.html", status=429)
