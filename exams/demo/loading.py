"""Loads the demonstration through the same services as the screens, so that it is a true record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from clinics.desk import Desk
from clinics.models import Clinic, Membership
from exams.models import Exam, Patient
from exams.services.answers import Answer, save_step
from exams.services.exams import give_impression, remember_step, start_exam
from exams.services.flags import meet_flags
from exams.services.localizing import localize_exam
from exams.services.patients import add_patient
from exams.services.review import countersign, look_first, open_review, return_exam
from exams.services.signing import mark_rest_not_done, sign_exam
from exams.sheet import sheet_of
from exams.steps import core_findings

HERE = Path(__file__).parent
Table = Mapping[str, Any]


def may_fill() -> bool:
    """Whether every clinic of this database is a demonstration; an empty database holds none."""
    return not Clinic.objects.filter(is_demo=False).exists()


def sign_ins() -> Iterator[str]:
    """Yield one line for each invented person: role, email and password."""
    data = _read("clinics")
    width = max(len(person["email"]) for person in data["person"])
    for person in data["person"]:
        roles = ", ".join(f"{role} in {clinic}" for clinic, role in person["roles"].items())
        yield f"  {person['email']:<{width}}  {data['password']}  ({roles})"


def fill() -> None:
    """Create whatever of the demonstration is not there yet; nothing that is there is touched."""
    data = _read("clinics")
    fresh = {table["name"] for table in data["clinic"] if _add_clinic(table)}
    for person in data["person"]:
        _add_person(person, data["password"], fresh)
    for table in _read("patients")["patient"]:
        if table["clinic"] in fresh:
            _add_record(table, data)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _add_clinic(table: Table) -> bool:
    """Add a clinic and say whether it was new."""
    return Clinic.objects.get_or_create(name=table["name"], defaults={**table, "is_demo": True})[1]


def _add_person(table: Table, password: str, clinics: set[str]) -> None:
    names = {key: table[key] for key in ("first_name", "last_name", "email")}
    person, is_new = User.objects.get_or_create(username=table["email"], defaults=names)
    if is_new:
        person.set_password(password)
        person.save(update_fields=["password"])
    for name, role in table["roles"].items():
        if name in clinics:
            Membership.objects.create(clinic=Clinic.objects.get(name=name), user=person, role=role)


def _desk(email: str, clinic: str) -> Desk:
    known = Membership.objects.select_related("user", "clinic")
    membership = known.get(user__email=email, clinic__name=clinic)
    return Desk(user=membership.user, membership=membership, clinic=membership.clinic, address="")


def _supervisor(clinic: str, data: Table) -> Desk:
    supervisors = (one for one in data["person"] if one["roles"].get(clinic) == Membership.Role.SUPERVISOR)
    return _desk(next(supervisors)["email"], clinic)


def _add_record(table: Table, data: Table) -> None:
    """Add one patient with the exams of the file, each brought as far as its `then` says."""
    exams = table.get("exam", ())
    who = exams[0]["examiner"] if exams else data["person"][0]["email"]
    names = ("family_name", "given_name", "birth_date", "sex", "number")
    patient = add_patient(desk=_desk(who, table["clinic"]), **{name: table[name] for name in names})
    for told in exams:
        desk = _desk(told["examiner"], table["clinic"])
        exam = _examine(desk, patient, told)
        if told["then"] != "draft":
            _sign(desk, exam, told, data["password"])
            _review(_supervisor(table["clinic"], data), exam, told, data["password"])


def _examine(desk: Desk, patient: Patient, told: Table) -> Exam:
    exam = start_exam(
        desk=desk,
        patient=patient,
        protocol=told["protocol"],
        affected_side=told["side"],
        worse_side=told.get("worse", ""),
        comparison_side=told.get("compared", ""),
    )
    legs = {"": told.get("once", {}), "left": told.get("left", {}), "right": told.get("right", {})}
    answers = [
        Answer(finding=finding, side=side, token=token)
        for side, leg in legs.items()
        for finding, token in leg.items()
    ]
    save_step(desk=desk, exam=exam, answers=answers)
    remember_step(desk=desk, exam=exam, slug=told.get("stopped_at", "check"))
    return exam


def _sign(desk: Desk, exam: Exam, told: Table, password: str) -> None:
    raised = [flag.id for flag in localize_exam(exam).red_flags]
    if raised:
        whom, action = told.get("told", "referring_doctor"), told.get("action", "Seen there this week.")
        meet_flags(desk=desk, exam=exam, flags=raised, told=whom, action=action, key=uuid4())
    give_impression(desk=desk, exam=exam, **told["impression"], answer_in_view=True)
    _leave_the_rest_untested(desk, exam)
    sign_exam(
        desk=desk, exam=exam, password=password, confirmed_patient=True, confirmed_side=exam.affected_side
    )


def _leave_the_rest_untested(desk: Desk, exam: Exam) -> None:
    """Mark what the source does not report as not tested: the core place by place, the rest at once."""
    core = core_findings()
    places = [place for place in sheet_of(exam).open_places if place[0] in core]
    untested = [Answer(finding=name, side=side, not_tested=True, reason="not_done") for name, side in places]
    save_step(desk=desk, exam=exam, answers=untested)
    mark_rest_not_done(desk=desk, exam=exam)


def _review(desk: Desk, exam: Exam, told: Table, password: str) -> None:
    if told["then"] == "submitted":
        return
    open_review(desk=desk, exam=exam)
    look_first(desk=desk, exam=exam, **told["look"])
    comment = told.get("comment", "")
    if told["then"] == "returned":
        return_exam(desk=desk, exam=exam, comment=comment)
        return
    agrees = told["then"] == "agreed"
    site = "" if agrees else told["look"]["site"]
    countersign(desk=desk, exam=exam, agrees=agrees, site=site, comment=comment, password=password)
