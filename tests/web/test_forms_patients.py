"""Adding and changing a patient: one event each, and no number twice in a clinic."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from clinics.audit import values_of
from clinics.models import AuditEvent
from clinics.refusals import Refused
from exams.models import Patient
from exams.services.patients import change_patient
from tests import factories

pytestmark = pytest.mark.django_db


def change(owner: User, patient: Patient, **said: str) -> Patient:
    kept = {"family_name": patient.family_name, "given_name": patient.given_name, "number": patient.number}
    return change_patient(
        desk=factories.desk(owner),
        patient=patient,
        birth_date=date(1961, 3, 14),
        sex="female",
        **{**kept, **said},
    )


def test_adding_a_patient_is_in_the_trail(owner: User) -> None:
    patient = factories.patient(factories.desk(owner))
    event = AuditEvent.objects.get(act="patient.added")
    assert (event.object_id, event.subject) == (str(patient.pk), patient.pk)


def test_a_change_keeps_the_old_values_in_the_trail_and_no_change_leaves_no_event(owner: User) -> None:
    patient = factories.patient(factories.desk(owner))
    change(owner, patient, family_name="Berg")
    change(owner, Patient.objects.get(), family_name="Berg")
    values = values_of(AuditEvent.objects.get(act="patient.changed"))
    assert values is not None
    assert isinstance(values["old"], dict)
    assert isinstance(values["new"], dict)
    assert (values["old"]["family_name"], values["new"]["family_name"]) == ("Lindqvist", "Berg")


def test_a_number_in_use_is_refused_and_nothing_changes(owner: User) -> None:
    desk = factories.desk(owner)
    factories.patient(desk, number="FD-1")
    other = factories.patient(desk, number="FD-2")
    with pytest.raises(Refused, match="already belongs"):
        factories.patient(desk, number="FD-1")
    with pytest.raises(Refused, match="already belongs"):
        change(owner, other, number="FD-1")
    assert sorted(Patient.objects.values_list("number", flat=True)) == ["FD-1", "FD-2"]


def test_two_clinics_may_use_the_same_number(owner: User, stranger: User) -> None:
    factories.patient(factories.desk(owner), number="FD-1")
    factories.patient(factories.desk(stranger), number="FD-1")
    assert Patient.objects.count() == 2


def test_a_broken_rule_of_the_record_is_not_called_a_number_in_use(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forked(*_: object, **__: object) -> None:
        raise IntegrityError("audit_chain_never_forks")

    monkeypatch.setattr("exams.services.patients.record", forked)
    with pytest.raises(IntegrityError):
        factories.patient(factories.desk(owner))
    assert not Patient.objects.exists()
