"""Makes clinics, people, patients and exams for tests, through the same services that the pages call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from clinics.desk import Desk
from clinics.models import Clinic, Membership
from exams.models import Exam, Observation, Patient
from exams.services.answers import Answer, Saved, save_answer
from exams.services.exams import start_exam
from exams.services.patients import add_patient
from exams.services.plan import open_finding

PASSWORD = "correct horse battery staple"
ADDRESS = "192.0.2.7"


def clinic(name: str = "Riverside Physiotherapy", **settings: Any) -> Clinic:
    return Clinic.objects.create(name=name, **settings)


def person(at: Clinic | None, role: str = "examiner", name: str = "Olive Owner", **fields: Any) -> User:
    """Return a person with a role in the clinic, or with none when there is no clinic."""
    given, _, family = name.partition(" ")
    mail = f"{name.replace(' ', '.').lower()}@example.org"
    user = User.objects.create_user(
        username=mail, email=mail, password=PASSWORD, first_name=given, last_name=family, **fields
    )
    if at:
        join(user, at, role)
    return user


def join(user: User, at: Clinic, role: str) -> Membership:
    return Membership.objects.create(user=user, clinic=at, role=role)


def desk(user: User, at: Clinic | None = None) -> Desk:
    """Return the person's desk in the clinic, or in the only one where they work."""
    mine = Membership.objects.current().filter(user=user).select_related("clinic")
    membership = mine.get(clinic=at) if at else mine.get()
    return Desk(user=user, membership=membership, clinic=membership.clinic, address=ADDRESS)


def patient(at: Desk, **said: Any) -> Patient:
    """Add a patient to the desk's clinic; the number is the next free one."""
    number = f"FD-{1000 + Patient.objects.of(at.clinic).count()}"
    fields: dict[str, Any] = {
        "family_name": "Lindqvist",
        "given_name": "Astrid",
        "birth_date": date(1961, 3, 14),
        "sex": "female",
        "number": number,
    }
    return add_patient(desk=at, **fields | said)


def exam(
    at: Desk,
    of: Patient | None = None,
    *,
    protocol: str = "core",
    affected_side: str = "left",
    answers: Mapping[str, str] | None = None,
) -> Exam:
    """Start an exam and save answers: "ankle_dorsiflexion.left": "2", or "onset": "sudden" without a side."""
    started = start_exam(desk=at, patient=of or patient(at), protocol=protocol, affected_side=affected_side)
    for place, token in (answers or {}).items():
        answer(at, started, place, token)
    started.refresh_from_db()
    return started


def answer(at: Desk, recorded: Exam, place: str, token: str, **more: Any) -> Saved:
    """Save one answer of the exam, as if nobody else had changed it since the page was loaded."""
    finding, _, side = place.partition(".")
    open_finding(desk=at, exam=recorded, finding=finding)
    row = Observation.objects.filter(exam=recorded, finding=finding, side=side).first()
    seen = (row or Exam.objects.get(pk=recorded.pk)).revision
    said = Answer(finding=finding, side=side, token=token, **{"revision": seen, **more})
    return save_answer(desk=at, exam=recorded, answer=said, key=uuid4().hex)
