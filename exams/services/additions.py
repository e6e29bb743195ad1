"""What was said about an exam after it was signed, in finished words, beside what the signature covers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from exams.document.words import moment, words
from exams.models import Exam, QuestionEntry, Remark, SignedReport
from exams.services.questions import Thread, threads_of


def added_after_signing(exam: Exam) -> dict[str, Any]:
    """Return remarks and questions that came after the examiner's signature; empty when there are none.

    They are no part of the signed document and change no hash.
    """
    signed = SignedReport.objects.filter(clinic=exam.clinic_id, exam=exam).order_by("at").first()
    if signed is None:
        return {}
    remarks = [_remark(exam, one) for one in _remarks(exam, signed.at)]
    questions = [_question(exam, thread) for thread in threads_of(exam) if _is_of(exam, thread)]
    said = words()["added"]
    if not remarks and not questions:
        return {}
    return {
        "lead": said["lead"],
        "note": said["note"],
        "questions_lead": said["questions"],
        "remarks": remarks,
        "questions": questions,
    }


def _remarks(exam: Exam, since: datetime) -> Iterable[Remark]:
    found = Remark.objects.filter(clinic=exam.clinic_id, exam=exam, at__gt=since)
    return found.select_related("by").order_by("at")


def _is_of(exam: Exam, thread: Thread) -> bool:
    """Whether anything of the thread was said about this very version, which was signed by then."""
    return any(entry.exam_id == exam.pk for entry in thread.entries)


def _remark(exam: Exam, remark: Remark) -> dict[str, str]:
    return {
        "lead": remark.get_kind_display(),
        "text": remark.text,
        "by": f"{remark.by.get_full_name()}, {moment(remark.at, exam.clinic)}",
    }


def _question(exam: Exam, thread: Thread) -> dict[str, Any]:
    return {"label": thread.label, "entries": [_entry(exam, entry) for entry in thread.entries]}


def _entry(exam: Exam, entry: QuestionEntry) -> dict[str, str]:
    said = words()["added"]
    parts = (entry.get_category_display() if entry.category else "", entry.text)
    value = said["value"].format(value=entry.value) if entry.value else ""
    return {
        "lead": entry.get_kind_display(),
        "text": said["join"].join(part for part in parts if part),
        "value": value,
        "by": f"{entry.by.get_full_name()}, {moment(entry.at, exam.clinic)}, "
        + said["version"].format(version=entry.exam.version),
    }
