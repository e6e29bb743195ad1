"""What the patient's previous exam found, as quiet text beside the fields; never as their value."""

from __future__ import annotations

from collections.abc import Mapping

from exams.models import Exam, Observation
from exams.reading import shown
from exams.services.localizing import exam_date
from exams.sheet import Place
from localization import CATALOGUE

SIGNED = (Exam.State.SUBMITTED, Exam.State.COUNTERSIGNED)


def previous_exam(exam: Exam) -> Exam | None:
    """Return the patient's last signed exam before this one; its own earlier versions do not count."""
    found = Exam.objects.filter(clinic=exam.clinic_id, patient=exam.patient_id, state__in=SIGNED)
    earlier = found.filter(started__lt=exam.started).exclude(series=exam.series)
    return earlier.select_related("clinic").order_by("-started").first()


def previous_values(exam: Exam) -> Mapping[Place, str]:
    """Return each answer of the previous exam as text, such as “3 on 6 Nov”."""
    earlier = previous_exam(exam)
    if earlier is None:
        return {}
    day = exam_date(earlier)
    words = f"{day.day} {day:%b}" if day.year == exam_date(exam).year else f"{day.day} {day:%b %Y}"
    rows = Observation.objects.filter(clinic=exam.clinic_id, exam=earlier)
    return {
        (row.finding, row.side): f"{shown(CATALOGUE[row.finding], row.side, row).text} on {words}"
        for row in rows
        if row.finding in CATALOGUE
    }
