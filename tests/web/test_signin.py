"""Signing in and out: throttled before any hash is computed, a new session each time."""

from __future__ import annotations

import random
import re
import time
from types import SimpleNamespace
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from clinics.audit import verify_chain
from clinics.models import AuditEvent, Clinic
from tests import factories

SIGN_IN = "/accounts/sign-in/"
SESSION = "/session/"
HASHING = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
THROTTLE_CLOCK = "allauth.core.internal.ratelimit.time"
ALLOWED_TRIES = 10
WRONG = "wrong"


def attempt(client: Client, person: User, password: str = WRONG, **headers: str) -> HttpResponse:
    sent = {"login": person.email, "password": password}
    return client.post(SIGN_IN, sent, headers=headers)  # type: ignore[return-value]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_person_signs_in_with_mail_address_and_password(owner: User, clinic: Clinic) -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get(SIGN_IN).context["csrf_token"]
    sent = {"login": owner.email, "password": factories.PASSWORD, "csrfmiddlewaretoken": token}
    answer = client.post(SIGN_IN, sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_signed_in(client)
    assert list(AuditEvent.objects.filter(clinic=clinic).values_list("act", flat=True)) == [
        "person.signed_in"
    ]
    assert verify_chain(clinic) is None


def test_signing_in_and_out_is_told_to_every_clinic_where_the_person_works(commuter: User) -> None:
    client = Client()
    attempt(client, commuter, factories.PASSWORD)
    client.post("/accounts/sign-out/")
    told = AuditEvent.objects.order_by("sequence", "clinic").values_list("act", flat=True)
    assert sorted(told) == ["person.signed_in"] * 2 + ["person.signed_out"] * 2


def test_nobody_can_sign_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.parametrize("tries", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_A01_guessing_is_stopped_before_hashing_whatever_address_is_claimed(owner: User, tries: int) -> None:
    client, dice = Client(), random.Random(7)  # noqa: S311  (addresses, not secrets)
    with mock.patch(HASHING, return_value="md5$no$no") as hashing:
        answers = [
            attempt(client, owner, **{"X-Forwarded-For": f"203.0.113.{dice.randrange(256)}"}).status_code
            for _ in range(tries)
        ]
        assert hashing.call_count <= ALLOWED_TRIES
        assert answers == [200] * ALLOWED_TRIES + [429] * (tries - ALLOWED_TRIES)
        assert attempt(client, owner, factories.PASSWORD).status_code == 429
        assert hashing.call_count <= ALLOWED_TRIES
    assert not is_signed_in(client)


def test_A02_a_throttled_person_locks_out_neither_colleagues_nor_themselves_elsewhere(
    owner: User, colleague: User
) -> None:
    client = Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(ALLOWED_TRIES * 4):
        attempt(client, owner)
    assert attempt(client, owner, factories.PASSWORD).status_code == 429
    assert attempt(Client(REMOTE_ADDR="192.0.2.1"), colleague, factories.PASSWORD).status_code == 302
    assert attempt(Client(REMOTE_ADDR="198.51.100.9"), owner, factories.PASSWORD).status_code == 302
    later = time.time() + 15 * 60 + 1
    clock = SimpleNamespace(time=lambda: later, monotonic=time.monotonic, sleep=time.sleep)
    with mock.patch(THROTTLE_CLOCK, clock):
        assert attempt(client, owner, factories.PASSWORD).status_code == 302


def test_a_right_password_does_not_count_as_an_attempt(owner: User) -> None:
    for _ in range(ALLOWED_TRIES + 5):
        assert attempt(Client(), owner, factories.PASSWORD).status_code == 302


def test_A03_an_unknown_person_and_a_wrong_password_look_the_same(owner: User) -> None:
    def seen(address: str) -> tuple[int, str]:
        answer = Client().post(SIGN_IN, {"login": address, "password": "wrong"})
        text = answer.content.decode().replace(address, "ADDRESS")
        return answer.status_code, re.sub(r"[A-Za-z0-9]{64}", "TOKEN", text)

    with mock.patch(HASHING, return_value="md5$no$no") as hashing:
        known = seen(owner.email)
        hashed = hashing.call_count
        assert seen("nobody@example.org") == known
        assert hashing.call_count == 2 * hashed


def test_A03_a_closed_account_cannot_sign_in(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    assert not is_signed_in(client)


def test_A06_signing_out_ends_the_session_on_the_server_and_clears_the_browser(owner: User) -> None:
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    kept = client.cookies["footdrop-session"].value
    answer = client.post("/accounts/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=kept).exists()
    thief = Client()
    thief.cookies["footdrop-session"] = kept
    assert thief.get(reverse("exams:patients")).status_code == 302


def test_A06_looking_at_the_sign_out_page_signs_nobody_out(owner: User) -> None:
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    assert client.get("/accounts/sign-out/").status_code == 200
    assert is_signed_in(client)


def test_A07_signing_in_gives_the_session_a_new_key(owner: User, colleague: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    planted = str(session.session_key)
    client.cookies["footdrop-session"] = planted
    attempt(client, owner, factories.PASSWORD)
    first = client.cookies["footdrop-session"].value
    assert first != planted
    assert not Session.objects.filter(session_key=planted).exists()
    client.post("/accounts/sign-out/")
    attempt(client, colleague, factories.PASSWORD)
    assert client.cookies["footdrop-session"].value not in {first, planted}


def test_A07_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(owner: User) -> None:
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    for name in ("footdrop-session", "footdrop-csrf"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
    assert client.cookies["footdrop-session"]["max-age"] == ""


@pytest.mark.parametrize("password", ["short-one-11", "password1234", "qwertyuiop123"])
def test_A09_short_and_well_known_passwords_are_refused(password: str) -> None:
    candidate = password[:11] if password.startswith("short") else password
    with pytest.raises(ValidationError):
        validate_password(candidate)


@pytest.mark.parametrize("password", ["twelve chars", "p" * 100 + "assphrase", "nur kleine buchstaben"])
def test_A09_long_passwords_without_composition_rules_are_welcome(password: str) -> None:
    validate_password(password)


def test_a_new_password_ends_the_sessions_on_other_computers(owner: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        attempt(client, owner, factories.PASSWORD)
    new = "a wholly different phrase"
    sent = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/", sent).status_code == 302
    assert here.get("/clinic/").status_code == 200
    assert elsewhere.get("/clinic/").status_code == 302


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(owner: User) -> None:
    client = Client()
    assert client.post("/accounts/password/forgotten/", {"email": owner.email}).status_code == 302
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(/accounts/password/new/\S+)", str(letter.body))
    assert link
    form = client.get(link[1], follow=True)
    new = "a wholly different phrase"
    path = form.redirect_chain[-1][0]
    assert client.post(path, {"password1": new, "password2": new}).status_code == 302
    assert attempt(Client(), owner, new).status_code == 302
    used = Client().get(link[1], follow=True)
    assert b"no longer works" in used.content


def test_an_unknown_address_gets_the_same_page_and_no_mail(owner: User) -> None:
    def ask(address: str) -> tuple[int, str]:
        answer = Client().post("/accounts/password/forgotten/", {"email": address})
        return answer.status_code, answer.headers["Location"]

    assert ask("nobody@example.org") == ask(owner.email)
    assert [letter.to for letter in mail.outbox] == [[owner.email]]


def test_I06_without_a_trail_nobody_signs_in(owner: User) -> None:
    client = Client(raise_request_exception=False)
    with mock.patch("clinics.audit.add_row", side_effect=OSError):
        assert attempt(client, owner, factories.PASSWORD).status_code == 500
    assert not is_signed_in(client)


# ---------------------------------------------------------------- what a page may ask about its session


def test_A05_a_page_learns_whose_session_it_is_and_when_it_ends(owner: User) -> None:
    client = Client()
    assert client.get(SESSION).status_code == 401
    assert set(client.get(SESSION).json()) == {"token"}
    attempt(client, owner, factories.PASSWORD)
    told = client.get(SESSION).json()
    assert told["person"] == owner.email
    assert 14 * 60 < told["seconds"] <= 15 * 60
    assert client.post(SESSION).status_code == 405


def test_A05_asking_in_the_background_keeps_no_session_alive(owner: User) -> None:
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    set_back(client, last_act_at=10 * 60)
    for _ in range(2):
        left = client.get(SESSION, headers={"Footdrop-Background": "1"}).json()["seconds"]
        assert 4 * 60 < left <= 5 * 60
    client.get(SESSION)
    assert client.get(SESSION).json()["seconds"] > 14 * 60


def test_A05_the_twelve_hours_end_a_session_that_is_in_use(owner: User) -> None:
    client = Client()
    attempt(client, owner, factories.PASSWORD)
    set_back(client, signed_in_at=12 * 60 * 60 - 60)
    assert client.get(SESSION).json()["seconds"] <= 60


def test_a_token_from_before_a_sign_in_sends_nothing_afterwards(owner: User) -> None:
    """What keeps another person from sending a page's answers: the page must ask for a token anew."""
    client = Client(enforce_csrf_checks=True)
    old = client.get(SESSION).json()["token"]
    sent = {"login": owner.email, "password": factories.PASSWORD, "csrfmiddlewaretoken": old}
    answer = client.post(SIGN_IN, sent, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["location"]) == (200, "/")
    assert client.post("/clinic/", {"csrfmiddlewaretoken": old}).status_code == 403
    new = client.get(SESSION).json()["token"]
    assert client.post("/clinic/", {"csrfmiddlewaretoken": new}).status_code == 404  # no clinic was named


def test_A01_signing_in_from_a_script_is_throttled_alike(owner: User) -> None:
    client = Client()
    answers = [
        attempt(client, owner, Accept="application/json").status_code for _ in range(ALLOWED_TRIES + 1)
    ]
    assert answers == [400] * ALLOWED_TRIES + [429]


def set_back(client: Client, **seconds: int) -> None:
    """Put clocks of the client's session into the past."""
    session = client.session
    for clock, ago in seconds.items():
        session[clock] = int(time.time()) - ago
    session.save()
