"""The demonstration is invented, loaded once, and refused wherever real people could be."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Manager
from django.test import Client
from django.urls import reverse

from clinics.audit import verify_chain
from clinics.models import AuditEvent, Clinic, Membership
from exams.models import Decision, Exam, Patient, SignedReport
from exams.previous import previous_value
from exams.services.signing import document_of, signature_holds
from tests import factories

pytestmark = pytest.mark.django_db


def load() -> str:
    said = StringIO()
    call_command("load_demo", stdout=said)
    return said.getvalue()


@pytest.fixture
def demo(settings: LazySettings) -> str:
    settings.DEMO = True
    return load()


def test_demo_data_is_refused_without_the_flag() -> None:
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load()
    assert not User.objects.exists()
    assert not Clinic.objects.exists()


def test_demo_data_is_never_put_among_real_clinics(settings: LazySettings) -> None:
    settings.DEMO = True
    factories.clinic("Real Physiotherapy")
    with pytest.raises(CommandError, match="no demonstration"):
        load()
    assert not User.objects.exists()
    assert Clinic.objects.count() == 1


def test_everybody_printed_can_sign_in_and_sees_the_banner(demo: str) -> None:
    assert demo.startswith("Demo: invented people only.")
    people = [line.split()[:2] for line in demo.splitlines() if "@" in line]
    assert len(people) == User.objects.count() == 5
    for email, password in people:
        client = Client()
        response = client.post(reverse("account_login"), {"login": email, "password": password}, follow=True)
        page = response.content.decode()
        assert "Sign out" in page
        assert "Invented people only" in page
    # Two clinics, so that the switcher can be seen.
    assert Membership.objects.filter(user__email="supervisor@demo.example").count() == 2


def test_the_demonstration_is_a_true_record_and_is_loaded_once(demo: str) -> None:
    assert [clinic.is_demo for clinic in Clinic.objects.all()] == [True, True]
    assert set(Exam.objects.values_list("state", flat=True)) == {
        "draft",
        "submitted",
        "returned",
        "countersigned",
    }
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"agree", "disagree", "returned"}
    signed = SignedReport.objects.select_related("exam")
    assert all(signature_holds(report) for report in signed)
    assert all(document_of(report)["conclusion"]["available"] for report in signed)
    assert [verify_chain(clinic) for clinic in Clinic.objects.all()] == [None, None]
    before = _everything()
    assert load() == demo
    assert _everything() == before


@pytest.mark.usefixtures("demo")
def test_the_demonstration_has_a_course_over_visits_and_a_draft_beside_the_visit_before() -> None:
    hugo = Patient.objects.get(number="FD-1029")
    *signed, draft = hugo.exams.order_by("started")
    assert [exam.state for exam in signed] == ["countersigned"] * 2
    assert draft.state == "draft"
    before = previous_value(draft, ("ankle_dorsiflexion", "right"))
    assert before is not None
    assert before.answer.token == "2"
    client = Client()
    client.force_login(draft.examiner)
    page = client.get(reverse("exams:patient", args=[hugo.pk])).content.decode()
    assert "Strength and walking over 2 visits" in page


def _everything() -> list[object]:
    tables: tuple[Manager[Any], ...] = (
        User.objects,
        Clinic.objects,
        Membership.objects,
        Patient.objects,
        Exam.objects,
        AuditEvent.objects,
    )
    return [list(table.order_by("pk").values()) for table in tables]
