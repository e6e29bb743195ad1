"""Where a person works now, and for how long a session lasts when nobody works in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from unittest import mock
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, Membership
from clinics.sessions import BACKGROUND_HEADER

SignIn = Callable[[User], Client]
MINUTE, HOUR = 60, 3600


def page() -> str:
    return reverse("exams:patients")


def at(later: float) -> mock._patch[SimpleNamespace]:
    """Return a clock that is `later` seconds ahead."""
    moment = time.time() + later
    return mock.patch("clinics.sessions.time", SimpleNamespace(time=lambda: moment))


def is_sign_in(location: str) -> bool:
    return location.startswith("/accounts/sign-in/?")


def test_A04_a_session_ends_after_the_idle_limit_and_says_so(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    assert client.get(page()).status_code == 200
    with at(15 * MINUTE + 30):
        answer = client.get(page())
    assert is_sign_in(answer.headers["Location"])
    assert "ended=1" in answer.headers["Location"]
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(page()).status_code == 302
    assert "You were signed out" in client.get(answer.headers["Location"]).content.decode()


def test_A04_acts_of_a_person_extend_the_session_and_background_requests_do_not(
    owner: User, sign_in: SignIn
) -> None:
    working, idle = sign_in(owner), sign_in(owner)
    for client in (working, idle):
        client.get(page())
    for minutes in (10, 20, 30):
        with at(minutes * MINUTE):
            assert working.get(page()).status_code == 200
            expected = 200 if minutes == 10 else 302
            assert idle.get(page(), headers={BACKGROUND_HEADER: "1"}).status_code == expected


def test_A04_the_idle_limit_is_the_clinics(owner: User, clinic: Clinic, sign_in: SignIn) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(idle_minutes=5)
    client = sign_in(owner)
    client.get(page())
    with at(6 * MINUTE):
        assert client.get(page()).status_code == 302


def test_A04_twelve_hours_end_every_session(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    for minutes in range(0, 12 * 60, 10):
        with at(minutes * MINUTE):
            assert client.get(page()).status_code == 200
    with at(12 * HOUR + MINUTE):
        assert client.get(page()).status_code == 302


@pytest.mark.parametrize("role", Membership.Role.values)
def test_Z07_a_membership_taken_away_counts_at_the_next_request(
    owner: User, clinic: Clinic, sign_in: SignIn, role: str
) -> None:
    Membership.objects.filter(user=owner).update(role=role)
    client = sign_in(owner)
    assert client.get(reverse("exams:home")).status_code == 200
    Membership.objects.filter(user=owner, clinic=clinic).update(is_active=False)
    assert client.get(reverse("exams:home")).status_code == 403


def test_Z07_a_changed_role_counts_at_the_next_request(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    assert client.get(reverse("exams:reviews")).status_code == 200
    Membership.objects.filter(user=supervisor).update(role="examiner")
    assert client.get(reverse("exams:reviews")).status_code == 403


def test_Z07_closing_an_account_ends_all_its_sessions(owner: User, sign_in: SignIn) -> None:
    clients = [sign_in(owner), sign_in(owner)]
    for client in clients:
        assert client.get(page()).status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    for client in clients:
        assert is_sign_in(client.get(page()).headers["Location"])


def test_a_person_without_a_clinic_is_told_whom_to_ask(owner: User, sign_in: SignIn) -> None:
    Membership.objects.filter(user=owner).delete()
    answer = sign_in(owner).get(page())
    assert answer.status_code == 403
    assert "administrator" in answer.content.decode()


def test_a_person_of_two_clinics_chooses_one_and_comes_back_to_the_page(
    commuter: User, other_clinic: Clinic, sign_in: SignIn
) -> None:
    client = sign_in(commuter)
    asked = client.get(page())
    assert asked.headers["Location"].startswith("/clinic/?next=")
    chosen = client.post("/clinic/", {"clinic": str(other_clinic.pk), "next": page()})
    assert chosen.headers["Location"] == page()
    shown = client.get(page())
    assert other_clinic.name in shown.content.decode()


def test_a_fragment_without_a_clinic_is_sent_to_the_switcher_not_filled_with_it(
    commuter: User, sign_in: SignIn
) -> None:
    answer = sign_in(commuter).get(page(), headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Redirect"].startswith("/clinic/?next=")
    assert "<" not in answer.content.decode()


def test_Z07_a_lost_clinic_is_never_replaced_by_another_without_asking(
    commuter: User, clinic: Clinic, sign_in: SignIn
) -> None:
    client = sign_in(commuter)
    client.post("/clinic/", {"clinic": str(clinic.pk)})
    Membership.objects.filter(user=commuter, clinic=clinic).update(is_active=False)
    assert client.get(page()).headers["Location"].startswith("/clinic/")


@pytest.mark.parametrize("wanted", ["foreign", "unknown", "", "no uuid", "\x00"])
def test_Z02_nobody_switches_to_a_clinic_that_is_not_theirs(
    owner: User, other_clinic: Clinic, sign_in: SignIn, wanted: str
) -> None:
    sent = {"foreign": str(other_clinic.pk), "unknown": str(uuid4())}.get(wanted, wanted)
    client = sign_in(owner)
    answer = client.post("/clinic/", {"clinic": sent})
    assert answer.status_code == 404
    assert other_clinic.name not in answer.content.decode()
    assert other_clinic.name not in client.get("/clinic/").content.decode()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_the_switcher_never_leads_to_another_site(
    commuter: User, clinic: Clinic, sign_in: SignIn, address: str
) -> None:
    answer = sign_in(commuter).post("/clinic/", {"clinic": str(clinic.pk), "next": address})
    assert answer.headers["Location"] == reverse("exams:home")


def test_A08_an_expired_session_answers_a_fragment_with_401_and_never_the_sign_in_page(
    owner: User, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    client.get(page())
    looking_at = f"http://testserver{page()}"
    with at(HOUR):
        answer = client.get(page(), headers={"HX-Request": "true", "HX-Current-URL": looking_at})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/accounts/sign-in/?next=%2Fpatients%2F")
    assert "ended=1" in answer.headers["HX-Redirect"]
    assert "<" not in answer.content.decode()


def test_A08_the_way_back_never_leads_to_another_site() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/accounts/sign-in/"}
    answer = Client().get(page(), headers=headers)
    assert answer.headers["HX-Redirect"] == "/accounts/sign-in/?next=%2F"


def test_A08_a_whole_form_sent_after_the_session_ended_is_kept_to_be_sent_again(
    owner: User, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    sent = {"family_name": "Kept<b>", "password": "secret", "csrfmiddlewaretoken": "x"}
    own = {"Origin": "http://testserver"}
    client.get(page())
    with at(HOUR):
        answer = client.post(reverse("exams:patient_new"), sent, headers=own)
    text = answer.content.decode()
    assert answer.status_code == 401
    assert 'name="kept.family_name" value="Kept&lt;b&gt;"' in text
    assert "secret" not in text
    assert "Kept<b>" not in text


def test_A08_a_form_sent_by_another_site_is_not_kept() -> None:
    sent = {"family_name": "Planted"}
    answer = Client().post(reverse("exams:patient_new"), sent, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 401
    assert "Planted" not in answer.content.decode()
