"""The administrator's people: letting in, changing a role, disabling, and what each of them opens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinics.audit import values_of, verify_chain
from clinics.models import AuditEvent, Clinic, Membership
from clinics.people import ALREADY, OWN_SEAT
from tests import factories

SignIn = Callable[[User], Client]
PAGE = "/people/"
NEW = {"given": "Nora", "family": "New", "email": "Nora.New@example.org", "role": "examiner"}
PASSWORD = "a brand new long one 7"

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Clinic:
    return factories.clinic()


@pytest.fixture
def admin(here: Clinic, sign_in: SignIn) -> Client:
    return sign_in(factories.person(here, "clinic_admin", "Ada Admin"))


def seat(person: User) -> str:
    return reverse("clinics:seat", args=[Membership.objects.get(user=person).pk])


def last(here: Clinic) -> AuditEvent:
    return AuditEvent.objects.filter(clinic=here).exclude(act="people.listed").latest("sequence")


def test_an_invited_person_chooses_a_password_by_the_link_once_and_signs_in(
    here: Clinic, admin: Client
) -> None:
    page = admin.post(PAGE, NEW).content.decode()
    assert "Nora New may work here now." in page
    link = re.search(r'value="(http://testserver/accounts/password/new/[^"]+)"', page)
    assert link
    assert (last(here).act, values_of(last(here))) == (
        "person.invited",
        {"email": "nora.new@example.org", "role": "examiner"},
    )
    nora = Client()
    asked = nora.get(link.group(1), follow=True)
    done = nora.post(asked.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert done.status_code == 200
    answer = nora.post(reverse("account_login"), {"login": "nora.new@example.org", "password": PASSWORD})
    assert answer.status_code == 302
    home = nora.get("/").content.decode()
    assert "Nora New" in home
    assert here.name in home
    stranger = Client().get(link.group(1), follow=True).content.decode()
    assert 'name="password1"' not in stranger
    assert "Has not signed in yet" not in admin.get(PAGE).content.decode()


def test_somebody_who_signs_in_already_keeps_name_and_password_and_gets_no_link(
    here: Clinic, admin: Client
) -> None:
    elsewhere = factories.person(factories.clinic("Hillside"), name="Sue Stranger")
    page = admin.post(PAGE, {**NEW, "email": elsewhere.email}).content.decode()
    assert "password/new/" not in page
    elsewhere.refresh_from_db()
    assert (elsewhere.first_name, elsewhere.check_password(factories.PASSWORD)) == ("Sue", True)
    assert Membership.objects.filter(user=elsewhere).count() == 2
    again = admin.post(PAGE, {**NEW, "email": elsewhere.email})
    assert again.status_code == 422
    assert ALREADY in again.content.decode()
    assert Membership.objects.filter(clinic=here).count() == 2


def test_Z02_a_second_clinic_gets_no_link_to_somebody_whom_the_first_let_in(
    here: Clinic, admin: Client, sign_in: SignIn
) -> None:
    """Whoever held such a link would choose the password, and read the first clinic's records with it."""
    admin.post(PAGE, NEW)
    elsewhere = factories.clinic("Hillside")
    other = sign_in(factories.person(elsewhere, "clinic_admin", "Ida Intruder"))
    page = other.post(PAGE, NEW).content.decode()
    assert "password/new/" not in page
    assert "The link that it handed over works here as well." in page
    nora = Membership.objects.get(clinic=elsewhere, user__first_name="Nora")
    shown = other.post(reverse("clinics:seat", args=[nora.pk]), {"link": "1"})
    assert "password/new/" not in shown.content.decode()
    assert Membership.objects.filter(clinic=here, user=nora.user, role="examiner").exists()


def test_a_link_is_for_those_who_have_no_password_yet_and_asking_for_it_again_is_an_event(
    here: Clinic, admin: Client
) -> None:
    """Whoever held a link to a working account could choose its password."""
    at_work = factories.person(here, "supervisor", "Sam Signed")
    page = admin.post(seat(at_work), {"link": "1"}).content.decode()
    assert "password/new/" not in page
    assert AuditEvent.objects.filter(clinic=here, act="person.invitation_shown").count() == 1


def test_the_same_role_again_and_a_look_at_the_list_leave_the_trail_true(here: Clinic, admin: Client) -> None:
    person = factories.person(here, "supervisor", "Sam Signed")
    admin.post(seat(person), {"role": "supervisor", "active": "yes"})
    assert not AuditEvent.objects.filter(clinic=here, act="person.role_changed").exists()
    assert not AuditEvent.objects.filter(clinic=here, act="person.enabled").exists()
    assert "Sam Signed" in admin.get(PAGE).content.decode()
    assert AuditEvent.objects.filter(clinic=here).latest("sequence").act == "people.listed"


def test_a_form_with_nothing_in_it_says_what_is_missing_and_lets_nobody_in(admin: Client) -> None:
    page = admin.post(PAGE, {})
    assert page.status_code == 422
    words = page.content.decode()
    for sentence in ("Type the given name", "Type the family name", "Choose a role."):
        assert sentence in words
    assert User.objects.count() == 1


def test_Z07_a_disabled_person_is_out_with_the_next_request_and_back_when_enabled(
    here: Clinic, admin: Client, sign_in: SignIn
) -> None:
    examiner = factories.person(here)
    at_work = sign_in(examiner)
    assert at_work.get("/patients/").status_code == 200
    admin.post(seat(examiner), {"active": "no"})
    assert at_work.get("/patients/").status_code == 403
    assert (last(here).act, values_of(last(here))) == (
        "person.disabled",
        {"person": examiner.email, "old": True, "new": False},
    )
    admin.post(seat(examiner), {"active": "yes"})
    assert at_work.get("/patients/").status_code == 200
    assert verify_chain(here) is None


def test_Z07_a_changed_role_counts_with_the_next_request(
    here: Clinic, admin: Client, sign_in: SignIn
) -> None:
    person = factories.person(here, "supervisor")
    at_work = sign_in(person)
    assert at_work.get("/reviews/").status_code == 200
    admin.post(seat(person), {"role": "student"})
    assert at_work.get("/reviews/").status_code == 403
    changed = AuditEvent.objects.get(clinic=here, act="person.role_changed")
    assert values_of(changed) == {"person": person.email, "old": "supervisor", "new": "student"}


def test_nobody_changes_the_own_seat(here: Clinic, admin: Client) -> None:
    own = User.objects.get(first_name="Ada")
    for said in ({"role": "supervisor"}, {"active": "no"}):
        answer = admin.post(seat(own), said, follow=True)
        assert OWN_SEAT.split(".")[0] in answer.content.decode()
    kept = Membership.objects.get(user=own)
    assert (kept.role, kept.is_active) == ("clinic_admin", True)
    assert not AuditEvent.objects.filter(clinic=here, act__startswith="person.role").exists()


def test_Z02_another_clinics_person_is_not_found(admin: Client) -> None:
    theirs = factories.person(factories.clinic("Hillside"), name="Sue Stranger")
    assert admin.post(seat(theirs), {"active": "no"}).status_code == 404
    assert "Sue Stranger" not in admin.get(PAGE).content.decode()
    assert Membership.objects.get(user=theirs).is_active


def test_an_unknown_role_changes_nothing_and_an_invitation_can_be_shown_again(
    here: Clinic, admin: Client
) -> None:
    admin.post(PAGE, NEW)
    nora = User.objects.get(first_name="Nora")
    answer = admin.post(seat(nora), {"role": "superuser"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert Membership.objects.get(user=nora).role == "examiner"
    shown = admin.post(seat(nora), {"link": "1"})
    assert "http://testserver/accounts/password/new/" in shown.content.decode()
    assert AuditEvent.objects.filter(clinic=here, act="person.invitation_shown").count() == 1
