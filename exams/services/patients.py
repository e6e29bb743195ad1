"""Adding and changing patients, each with its audit event."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from clinics.audit import record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Patient

NUMBER_TAKEN = (
    "This number already belongs to a patient of the clinic. Nothing was changed. "
    "Search for the number, or type another one."
)
MERGED = (
    "This record was merged into another one of the same person. Nothing was changed. "
    "Change the record that stays; the patient's page names it."
)


def add_patient(
    *, desk: Desk, family_name: str, given_name: str, birth_date: date, sex: str, number: str
) -> Patient:
    """Add a patient to the desk's clinic; raises Refused when the clinic's number is taken."""
    patient = Patient(
        clinic=desk.clinic,
        family_name=family_name,
        given_name=given_name,
        birth_date=birth_date,
        sex=sex,
        number=number,
    )
    try:
        with transaction.atomic():
            patient.save(force_insert=True)
            record(desk, "patient.added", patient, values={"new": _said(patient)}, subject=patient.pk)
    except IntegrityError as error:
        if not _number_taken(desk, patient, number):
            raise
        raise Refused(NUMBER_TAKEN) from error
    return patient


def change_patient(
    *,
    desk: Desk,
    patient: Patient,
    family_name: str,
    given_name: str,
    birth_date: date,
    sex: str,
    number: str,
) -> Patient:
    """Change who a patient is; raises Refused when the number is taken. The trail keeps the old values."""
    new = {
        "family_name": family_name,
        "given_name": given_name,
        "birth_date": birth_date,
        "sex": sex,
        "number": number,
    }
    try:
        with transaction.atomic():
            locked = Patient.objects.select_for_update().of(desk.clinic).get(pk=patient.pk)
            if locked.merged_into_id is not None:
                raise Refused(MERGED, status=409)
            old = _said(locked)
            for name, value in new.items():
                setattr(locked, name, value)
            if _said(locked) == old:
                return locked
            locked.save(update_fields=list(new))
            values = {"old": old, "new": _said(locked)}
            record(desk, "patient.changed", locked, values=values, subject=locked.pk)
    except IntegrityError as error:
        if not _number_taken(desk, patient, number):
            raise
        raise Refused(NUMBER_TAKEN) from error
    return locked


def _number_taken(desk: Desk, patient: Patient, number: str) -> bool:
    """Return whether another patient has the number: any other broken rule is not the user's to mend."""
    return Patient.objects.of(desk.clinic).filter(number=number).exclude(pk=patient.pk).exists()


def _said(patient: Patient) -> dict[str, str]:
    return {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "birth_date": patient.birth_date.isoformat(),
        "sex": patient.sex,
        "number": patient.number,
    }
