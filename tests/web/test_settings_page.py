"""The clinic's settings: what is refused, what changes at once, what only from the next exam on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.audit import values_of
from clinics.models import AuditEvent, Clinic
from exams.models import Exam
from exams.services.settings import SETTINGS as NAMES
from exams.settings_form import SettingsForm
from tests import factories
from tests.web.routes import SETTINGS

SignIn = Callable[[User], Client]
PAGE = "/settings/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Clinic:
    return factories.clinic(prior_setting="physiotherapy_clinic")


@pytest.fixture
def admin(here: Clinic, sign_in: SignIn) -> Client:
    return sign_in(factories.person(here, "clinic_admin", "Ada Admin"))


def test_every_setting_is_on_the_form() -> None:
    assert set(NAMES) == set(SettingsForm.base_fields)


def test_what_is_saved_is_stored_and_told_to_the_trail_old_and_new(here: Clinic, admin: Client) -> None:
    answer = admin.post(PAGE, {**SETTINGS, "urgent_pathway": "Ring the registrar."}, follow=True)
    assert "The settings are saved." in answer.content.decode()
    here.refresh_from_db()
    assert (here.prior_setting, here.time_zone, here.idle_minutes) == ("spine_clinic", "Europe/Berlin", 20)
    assert (here.urgent_pathway, here.urgent_telephone) == ("Ring the registrar.", "020 7946 0000")
    event = AuditEvent.objects.get(clinic=here, act="clinic.changed")
    values = values_of(event)
    assert values
    assert values["old"]["time_zone"] == "Europe/London"  # type: ignore[index,call-overload]
    assert "panel_mode" not in values["new"]  # type: ignore[operator]
    admin.post(PAGE, {**SETTINGS, "urgent_pathway": "Ring the registrar."})
    assert AuditEvent.objects.filter(clinic=here, act="clinic.changed").count() == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("idle_minutes", "4", "Type a whole number of minutes from 5 to 30."),
        ("idle_minutes", "31", "Type a whole number of minutes from 5 to 30."),
        ("time_zone", "Europe/Nowhere", "Europe/Nowhere is no time zone. Try Europe/London."),
        ("urgent_telephone", "ask at the desk", "Type a telephone number such as 020 7946 0000."),
        ("urgent_telephone", "020 7946 0000 at night", "Type a telephone number such as 020 7946 0000."),
        ("prior_setting", "everywhere", "Choose from the list."),
        ("blind_look", "", "Choose yes or no."),
        ("retention_years", "0", "Type a whole number of years from 1 to 100."),
    ],
)
def test_what_no_clinic_can_mean_is_refused_in_words(
    here: Clinic, admin: Client, name: str, value: str, sentence: str
) -> None:
    answer = admin.post(PAGE, {**SETTINGS, name: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    here.refresh_from_db()
    assert here.time_zone == "Europe/London"


@pytest.mark.parametrize(("answer", "is_blind"), [("no", False), ("yes", True)])
def test_the_blind_look_is_stored_as_answered_and_shown_as_stored(
    here: Clinic, admin: Client, answer: str, is_blind: bool
) -> None:
    Clinic.objects.filter(pk=here.pk).update(blind_look=not is_blind)
    admin.post(PAGE, {**SETTINGS, "blind_look": answer})
    here.refresh_from_db()
    assert here.blind_look is is_blind
    shown = admin.get(PAGE).content.decode()
    checked = re.findall(r'<input[^>]*name="blind_look"[^>]*checked[^>]*>', shown)
    assert len(checked) == 1
    assert f'value="{answer}"' in checked[0]


def test_I02_looking_at_the_settings_is_an_event(here: Clinic, admin: Client) -> None:
    admin.get(PAGE)
    assert AuditEvent.objects.filter(clinic=here).latest("sequence").act == "settings.viewed"


def test_the_panel_mode_counts_for_exams_that_start_afterwards(here: Clinic, admin: Client) -> None:
    owner = factories.person(here)
    before = factories.exam(factories.desk(owner))
    admin.post(PAGE, {**SETTINGS, "panel_mode": "after_impression"})
    after = factories.exam(factories.desk(owner))
    stored = dict(Exam.objects.values_list("pk", "panel_mode"))
    assert (stored[before.pk], stored[after.pk]) == ("open", "after_impression")
