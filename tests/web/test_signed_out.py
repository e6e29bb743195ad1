"""A form whose person was signed out meanwhile: kept, carried through signing in, sent by one press."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic
from exams.models import Exam, Observation
from tests import factories

ORIGIN = "http://testserver"
AGAIN = reverse("clinics:sign_in_again")
SWITCH = reverse("clinics:switch")


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner))


@pytest.fixture
def browser_like() -> Client:
    """A client that is held to the checks against forged forms, as a browser is."""
    return Client(enforce_csrf_checks=True, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})


def fields_of(page: HttpResponse, action: str) -> dict[str, str]:
    """Return the hidden fields of the page's form with this action, as a browser would send them."""
    html = page.content.decode()
    form = next(
        part for part in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'action="{action}"' in part
    )
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {unescape(name): unescape(value) for name, value in found}


def kept_page(client: Client, draft: Exam, answers: Mapping[str, str]) -> HttpResponse:
    """Post a step after the session has ended, with the token of the page that was open."""
    token = client.get(reverse("account_login")).cookies[settings.CSRF_COOKIE_NAME].value
    address = reverse("exams:step", args=[draft.pk, "ankle-and-toes"])
    return client.post(address, {**answers, "csrfmiddlewaretoken": token})  # type: ignore[return-value]


ANSWERS = {"ankle_dorsiflexion.left.token": "2", "ankle_dorsiflexion.left.revision": "0"}


def test_A08_what_was_sent_comes_along_through_a_wrong_password_and_is_sent_by_one_press(
    browser_like: Client, owner: User, draft: Exam
) -> None:
    page = kept_page(browser_like, draft, ANSWERS)
    assert page.status_code == 401
    for password in ("wrong", factories.PASSWORD):
        carried = fields_of(page, AGAIN)
        assert carried["kept.ankle_dorsiflexion.left.token"] == "2"
        page = browser_like.post(AGAIN, {**carried, "login": owner.email, "password": password})  # type: ignore[assignment]
        assert not Observation.objects.exists()
    assert "You are signed in again" in page.content.decode()
    address = reverse("exams:step", args=[draft.pk, "ankle-and-toes"])
    sent = browser_like.post(address, fields_of(page, address))
    assert sent.status_code == 302
    assert Observation.objects.get().token == "2"


def test_nothing_is_kept_or_carried_without_the_token_of_the_own_page(
    browser_like: Client, owner: User, draft: Exam
) -> None:
    page = kept_page(browser_like, draft, ANSWERS)
    carried = {**fields_of(page, AGAIN), "csrfmiddlewaretoken": "x" * 64}
    forged = browser_like.post(AGAIN, {**carried, "login": owner.email, "password": factories.PASSWORD})
    assert forged.status_code == 403
    assert not forged.wsgi_request.user.is_authenticated
    foreign = browser_like.post(AGAIN, carried, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert "Send them again" not in foreign.content.decode()
    assert not Observation.objects.exists()


def test_the_kept_form_leads_nowhere_but_to_this_site(browser_like: Client, owner: User, draft: Exam) -> None:
    carried = fields_of(kept_page(browser_like, draft, ANSWERS), AGAIN)
    for address in (
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "/\\elsewhere",
        "elsewhere/",
    ):
        client = Client(headers={"Origin": ORIGIN})
        sent = {**carried, "kept_to": address, "login": owner.email, "password": factories.PASSWORD}
        page = client.post(AGAIN, sent).content.decode()
        assert "Send them again" in page
        assert "elsewhere" not in page
        assert "javascript:" not in page
        assert 'action="/"' in page


def test_another_person_who_signs_in_there_cannot_send_the_answers_into_a_record_that_is_not_theirs(
    browser_like: Client, colleague: User, draft: Exam
) -> None:
    carried = fields_of(kept_page(browser_like, draft, ANSWERS), AGAIN)
    page = browser_like.post(AGAIN, {**carried, "login": colleague.email, "password": factories.PASSWORD})
    assert f"Signed in as {colleague.get_full_name()}." in page.content.decode()
    address = reverse("exams:step", args=[draft.pk, "ankle-and-toes"])
    sent = browser_like.post(address, fields_of(page, address))  # type: ignore[arg-type]
    assert sent.status_code in {403, 409}
    assert not Observation.objects.exists()


def test_whoever_may_not_sign_in_any_more_is_not_told_that_they_are(
    browser_like: Client, owner: User, draft: Exam
) -> None:
    carried = fields_of(kept_page(browser_like, draft, ANSWERS), AGAIN)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    page = browser_like.post(AGAIN, {**carried, "login": owner.email, "password": factories.PASSWORD})
    assert "You are signed in again" not in page.content.decode()
    assert not page.wsgi_request.user.is_authenticated


def test_no_password_is_carried_or_shown(browser_like: Client, owner: User, draft: Exam) -> None:
    page = kept_page(browser_like, draft, {**ANSWERS, "password": factories.PASSWORD})
    assert factories.PASSWORD not in page.content.decode()
    sent = {**fields_of(page, AGAIN), "kept.password": factories.PASSWORD, "login": owner.email}
    page = browser_like.post(AGAIN, {**sent, "password": factories.PASSWORD})  # type: ignore[assignment]
    assert factories.PASSWORD not in page.content.decode()


def test_A08_what_a_person_of_two_clinics_sent_before_choosing_one_comes_along_and_is_sent_by_one_press(
    browser_like: Client, commuter: User, clinic: Clinic, other_clinic: Clinic
) -> None:
    draft = factories.exam(factories.desk(commuter, clinic))
    browser_like.force_login(commuter)
    address = reverse("exams:step", args=[draft.pk, "ankle-and-toes"])
    token = browser_like.get(SWITCH).cookies[settings.CSRF_COOKIE_NAME].value
    page = browser_like.post(address, {**ANSWERS, "csrfmiddlewaretoken": token})
    text = page.content.decode()
    assert page.status_code == 403
    assert "What you sent was not saved: no clinic is chosen." in text
    assert clinic.name in text
    assert other_clinic.name in text
    carried = fields_of(page, SWITCH)  # type: ignore[arg-type]
    assert carried["kept.ankle_dorsiflexion.left.token"] == "2"
    page = browser_like.post(SWITCH, {**carried, "clinic": str(clinic.pk)})
    assert f"You work at {clinic.name} now" in page.content.decode()
    assert not Observation.objects.exists()
    sent = browser_like.post(address, fields_of(page, address))  # type: ignore[arg-type]
    assert sent.status_code == 302
    assert Observation.objects.get().token == "2"


def test_a_form_from_another_site_is_not_carried_through_choosing_a_clinic(
    commuter: User, clinic: Clinic
) -> None:
    client = Client(headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"})
    client.force_login(commuter)
    page = client.post(reverse("exams:patient_new"), {"family_name": "Planted"})
    assert page.status_code == 403
    assert "open the page anew" in page.content.decode()
    planted = {
        "clinic": str(clinic.pk),
        "kept_to": reverse("exams:patient_new"),
        "kept.family_name": "Planted",
    }
    for text in (page.content.decode(), client.post(SWITCH, planted).content.decode()):
        assert "Planted" not in text
