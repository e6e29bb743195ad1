"""The command that opens a clinic makes one working sign-in, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinics.audit import verify_chain
from clinics.management.commands import found_clinic
from clinics.models import AuditEvent, Clinic, Membership

pytestmark = pytest.mark.django_db

GOOD = "seven green lamps by the sea"
WORDS = ("Harbour Clinic", "Rosa@Example.org", "--person", "Rosa Reyes")


def typing(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    typed: Iterator[str] = iter(passwords)
    monkeypatch.setattr(found_clinic, "getpass", lambda _prompt: next(typed))


def test_opens_a_clinic_whose_first_person_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, GOOD, GOOD)
    call_command("found_clinic", *WORDS)
    membership = Membership.objects.get(user__email="rosa@example.org")
    assert (membership.clinic.name, membership.role) == ("Harbour Clinic", "supervisor")
    assert not membership.clinic.is_demo
    answer = Client().post(reverse("account_login"), {"login": "rosa@example.org", "password": GOOD})
    assert answer.status_code == 302
    assert AuditEvent.objects.filter(clinic=membership.clinic, act="clinic.founded").count() == 1
    assert verify_chain(membership.clinic) is None


@pytest.mark.parametrize(
    ("words", "passwords", "said"),
    [
        (WORDS, (GOOD, GOOD + "!"), "differ"),
        (WORDS, ("short", "short"), "too short"),
        (("", *WORDS[1:]), (GOOD, GOOD), "a name"),
        (("Harbour Clinic", "rosa", *WORDS[2:]), (GOOD, GOOD), "no e-mail address"),
        ((*WORDS[:3], "Rosa"), (GOOD, GOOD), "family name"),
        ((*WORDS, "--time-zone", "Moon/Base"), (GOOD, GOOD), "no time zone"),
    ],
)
def test_makes_nothing_of_what_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], passwords: tuple[str, str], said: str
) -> None:
    typing(monkeypatch, *passwords)
    with pytest.raises(CommandError, match=said):
        call_command("found_clinic", *words)
    assert not Clinic.objects.exists()
    assert not User.objects.exists()


def test_refuses_a_second_clinic_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, GOOD, GOOD)
    call_command("found_clinic", *WORDS)
    with pytest.raises(CommandError, match="already"):
        call_command("found_clinic", "Harbour Clinic", "other@example.org", "--person", "Omar Other")
    assert Clinic.objects.count() == 1
