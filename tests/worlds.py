"""Whole clinics at work, for the access matrix: every text a clinic holds carries the clinic's own canary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.models import User

from clinics.desk import Desk
from clinics.models import Clinic, Membership
from exams.models import Exam, Patient
from exams.services.answers import Answer, save_step
from exams.services.exams import give_impression
from exams.services.flags import meet_flags
from exams.services.localizing import localize_exam
from exams.services.review import countersign, look_first, open_review, return_exam
from exams.services.signing import mark_rest_not_done, sign_exam
from exams.sheet import sheet_of
from exams.steps import core_findings
from tests import factories
from tests.pictures import give_logo

# One word each, in letters only, so that it survives every template, header and PDF.
CANARIES = ("Kakapobird", "Quetzalbird", "Zapatabird")
# Each clinic's logo has its own colour, and so its own address.
INKS = dict(zip(CANARIES, ("navy", "maroon", "teal"), strict=True))
# A core exam with a red flag: new weakness of the bladder.
ANSWERS = {
    "ankle_dorsiflexion.left": "2",
    "ankle_dorsiflexion.right": "5",
    "hip_abduction.left": "5",
    "hip_abduction.right": "5",
    "gait_pattern": "steppage",
    "bladder_bowel": "yes",
    "knee_reflex.left": "brisk",
}
SITE = "common_fibular"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One clinic with its people by role, a patient, and an exam of that patient in every state by name."""

    canary: str
    clinic: Clinic
    people: Mapping[str, User]
    patient: Patient
    exams: Mapping[str, Exam]
    # The revision of each answer of the draft, by finding and side.
    revisions: Mapping[tuple[str, str], int]


def place(canary: str) -> Place:
    """Build a clinic whose every text holds the canary."""
    here = factories.clinic(
        f"{canary} Clinic",
        urgent_pathway=f"Telephone {canary} at once",
        urgent_telephone=f"0123 {canary}",
    )
    people = {
        role: factories.person(here, role, f"{canary}{role.title().replace('_', '')} Worker")
        for role in Membership.Role.values
    }
    give_logo(factories.desk(people["clinic_admin"]), INKS.get(canary, "black"))
    here.refresh_from_db()
    examiner, supervisor = factories.desk(people["examiner"]), factories.desk(people["supervisor"])
    patient = factories.patient(
        examiner, family_name=f"{canary}son", given_name=f"{canary}a", number=f"{canary}-1"
    )
    # The same person entered twice, without an exam: what a supervisor merges.
    factories.patient(examiner, family_name=f"{canary}son", given_name=f"{canary}b", number=f"{canary}-2")
    exams = {
        name: exam_at(examiner, patient, canary)
        for name in ("draft", "ready", "submitted", "looked", "countersigned", "returned")
    }
    for name in ("ready", "submitted", "looked", "countersigned", "returned"):
        complete(examiner, exams[name])
    for name in ("submitted", "looked", "countersigned", "returned"):
        sign(examiner, exams[name])
    for name in ("looked", "countersigned", "returned"):
        open_review(desk=supervisor, exam=exams[name])
        look_first(desk=supervisor, exam=exams[name], site=SITE, text=f"Looked at by {canary}")
    comment = f"Because of {canary}"
    countersign(
        desk=supervisor,
        exam=exams["countersigned"],
        agrees=True,
        site="",
        comment=comment,
        password=factories.PASSWORD,
    )
    exams["reopened"] = return_exam(desk=supervisor, exam=exams["returned"], comment=comment)
    fresh = {
        name: Exam.objects.select_related("patient", "clinic").get(pk=one.pk) for name, one in exams.items()
    }
    answers = fresh["draft"].observations.values_list("finding", "side", "revision")
    revisions = {(finding, side): revision for finding, side, revision in answers}
    return Place(canary=canary, clinic=here, people=people, patient=patient, exams=fresh, revisions=revisions)


def exam_at(at: Desk, of: Patient, canary: str) -> Exam:
    """Start an exam with answers, an acknowledged red flag and an impression, each with the canary."""
    exam = factories.exam(at, of, answers=ANSWERS)
    factories.answer(at, exam, "heel_walk.left", "unable", note=f"Noted by {canary}")
    raised = [flag.id for flag in localize_exam(exam).red_flags]
    meet_flags(desk=at, exam=exam, flags=raised, told="supervisor", action=f"Told {canary}", key=uuid4())
    give_impression(desk=at, exam=exam, site=SITE, text=f"Thought by {canary}", answer_in_view=True)
    return exam


def complete(at: Desk, exam: Exam) -> None:
    """Leave nothing open: what was not answered is not tested, with a reason."""
    exam.refresh_from_db()
    core = core_findings()
    open_places = [found for found in sheet_of(exam).open_places if found[0] in core]
    rest = [Answer(finding=name, side=side, not_tested=True, reason="not_done") for name, side in open_places]
    save_step(desk=at, exam=exam, answers=rest)
    mark_rest_not_done(desk=at, exam=exam)


def sign(at: Desk, exam: Exam) -> None:
    sign_exam(
        desk=at,
        exam=exam,
        password=factories.PASSWORD,
        confirmed_patient=True,
        confirmed_side=exam.affected_side,
    )
