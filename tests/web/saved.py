"""Answers saved as a page saves them, one by one, and what the trail says of them, for the tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from clinics.models import AuditEvent
from exams.models import Exam
from exams.services.answers import Answer, Saved, save_answer
from tests import factories


def save(owner: User, draft: Exam, key: str = "", **said: Any) -> Saved:
    """Save or clear an answer of the draft's examiner; what is not said is a left ankle's."""
    answer = Answer(**{"finding": "ankle_dorsiflexion", "side": "left", **said})
    return save_answer(desk=factories.desk(owner), exam=draft, answer=answer, key=key or uuid4().hex)


def trail(draft: Exam) -> list[AuditEvent]:
    """Return the events of answers, the first one first."""
    return list(
        AuditEvent.objects.filter(clinic=draft.clinic, act__startswith="answer.").order_by("sequence")
    )
