"""Who the report is about, who examined, what they believe, and who signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from exams.document.words import day, moment, text, words
from exams.models import Opinion, SignedReport
from localization import PHRASES, SITES

if TYPE_CHECKING:
    from datetime import date, datetime

    from clinics.models import Clinic
    from exams.models import Decision, Exam


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature as the report prints it: who, in which role, when, and what it says."""

    meaning: SignedReport.Meaning
    name: str
    role: str
    role_name: str
    at: datetime
    user_id: int
    registration: str = ""


def age_on(born: date, on: date) -> int:
    """Return the age in whole years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def identity(exam: Exam) -> dict[str, Any]:
    """Return the patient as every page names them, the affected side in words."""
    patient = exam.patient
    examined = exam.started.astimezone(ZoneInfo(exam.clinic.time_zone)).date()
    name = text("name", family=patient.family_name, given=patient.given_name)
    side = words()["side"][exam.affected_side]
    age = age_on(patient.birth_date, examined)
    return {
        "name": name,
        "birth_date": day(patient.birth_date),
        "born": text("born", date=day(patient.birth_date), age=age),
        "age": age,
        "sex": patient.get_sex_display(),
        "number": patient.number,
        "side": side,
        "side_id": exam.affected_side,
        "worse": words()["worse"].get(exam.worse_side, ""),
        "worse_id": exam.worse_side,
        "comparison": words()["comparison"].get(exam.comparison_side, ""),
        "line": PHRASES["identity_line"].format(
            name=name, birth_date=day(patient.birth_date), number=patient.number, SIDE=side
        ),
    }


def examination(exam: Exam, decision: Decision | None) -> dict[str, Any]:
    """Return when the exam was done, by whom, and who supervises it."""
    when = moment(exam.started, exam.clinic)
    supervisor = decision.supervisor.get_full_name() if decision else text("supervisor_pending")
    examiner = exam.examiner.get_full_name()
    return {
        "date": when,
        "iso": exam.started.date().isoformat(),
        "examiner": examiner,
        "supervisor": supervisor,
        "clinic": exam.clinic.name,
        "protocol": words()["protocol"][exam.protocol],
        "line": PHRASES["exam_line"].format(date=when, examiner=examiner, supervisor=supervisor),
    }


def letterhead(clinic: Clinic) -> dict[str, str]:
    """Return the clinic as page one gives it; `logo` is the digest of its picture, or empty."""
    return {
        "clinic": clinic.name,
        "registration": clinic.registration,
        "logo": clinic.logo.digest if clinic.logo else "",
    }


def impression(exam: Exam) -> dict[str, Any]:
    """Return the examiner's own impression, and whether the answer was in view when it was written."""
    given = exam.opinions.filter(voice=Opinion.Voice.EXAMINER, author_id=exam.examiner_id).first()
    if given is None:
        return {
            "given": False,
            "lead": words()["headings"]["impression"],
            "site": "",
            "text": text("no_impression"),
            "by": "",
        }
    lead = "impression_lead_open" if given.answer_in_view else "impression_lead"
    return {
        "given": True,
        "lead": PHRASES[lead],
        "site": site_label(given.site),
        "text": given.text,
        "by": f"{given.author.get_full_name()}, {moment(given.at, exam.clinic)}",
    }


def decision_of(exam: Exam, decision: Decision | None, *, placed: bool) -> dict[str, Any]:
    """Return the supervisor's answer in words, with the look taken before the other opinions were shown.

    `placed` says whether the report names a level, which is what the answer is about.
    """
    if decision is None:
        return {"given": False, "outcome": "", "text": text("no_decision"), "site": "", "look": "", "by": ""}
    name = decision.supervisor.get_full_name()
    return {
        "given": True,
        "outcome": decision.outcome,
        "text": _decision_text(decision, name, placed=placed),
        "site": site_label(decision.site) if decision.site else "",
        "look": _own_look(exam, decision),
        "by": f"{name}, {moment(decision.at, exam.clinic)}",
    }


def _decision_text(decision: Decision, name: str, *, placed: bool) -> str:
    agrees = decision.outcome == decision.Outcome.AGREE
    own = "" if agrees or not decision.site else f"{site_label(decision.site)}. "
    note = own + decision.comment
    if placed:
        phrase = PHRASES["supervisor_agrees" if agrees else "supervisor_disagrees"]
        return str(phrase).format(name=name, note=note).strip()
    if agrees:
        return str(PHRASES["supervisor_open"]).format(name=name, note=note).strip()
    return text("supervisor_names_level", name=name, note=note).strip()


def _own_look(exam: Exam, decision: Decision) -> str:
    look = exam.opinions.filter(voice=Opinion.Voice.SUPERVISOR, author_id=decision.supervisor_id).first()
    if look is None:
        return ""
    return text(
        "own_look",
        name=look.author.get_full_name(),
        time=moment(look.at, exam.clinic),
        site=site_label(look.site),
        text=look.text,
    ).strip()


def signature_row(signature: Signature, exam: Exam) -> dict[str, Any]:
    """Return one signature: name, role, time with zone and UTC, and meaning."""
    time = moment(signature.at, exam.clinic)
    return {
        "meaning": signature.meaning.value,
        "name": signature.name,
        "role": signature.role_name,
        "role_id": signature.role,
        "user": signature.user_id,
        "at": signature.at.isoformat(),
        "registration": signature.registration,
        "line": text(
            "signature",
            meaning=signature.meaning.label,
            name=signature.name,
            role=signature.role_name,
            time=time,
        ),
    }


def site_label(site: str) -> str:
    """Return a site in words; an empty one means that the author did not place the lesion."""
    return SITES[site].label if site else text("not_placed")
