"""Exams brought to a supervisor, for the tests of home, queue and review."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from exams.models import Exam, Patient
from exams.services.review import look_first, open_review
from exams.services.signing import sign_exam
from tests import factories
from tests.web.reported import fibular_exam, ready_to_sign

THOUGHT = "Crossing canarythought legs."


def submitted_exam(examiner: User, **changed: Any) -> Exam:
    """Return an exam of a fibular lesion that its examiner signed; `changed` replaces answers or `side`."""
    desk = factories.desk(examiner)
    exam = ready_to_sign(desk, fibular_exam(desk, **changed), THOUGHT)
    sign_exam(
        desk=desk,
        exam=exam,
        password=factories.PASSWORD,
        confirmed_patient=True,
        confirmed_side=exam.affected_side,
    )
    return Exam.objects.select_related("patient", "clinic").get(pk=exam.pk)


def looked_at(supervisor: User, exam: Exam, site: str = "common_fibular", text: str = "") -> Exam:
    """Open the findings as a supervisor and record the own opinion."""
    desk = factories.desk(supervisor)
    open_review(desk=desk, exam=exam)
    look_first(desk=desk, exam=exam, site=site, text=text)
    return exam


def address(name: str, exam: Exam | Patient) -> str:
    return reverse(f"exams:{name}", args=[exam.pk])
