"""Correcting what was said about the sides of a draft: the affected one, the worse one, the one compared."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clinics.audit import JSON, record
from clinics.desk import Desk
from clinics.refusals import Refused
from exams.models import Exam
from exams.services.exams import locked_draft
from exams.sides import are_known, contradictions


def change_sides(
    *, desk: Desk, exam: Exam, affected_side: str, worse_side: str, comparison_side: str
) -> Exam:
    """Correct the sides of an own draft; no recorded answer moves. The same sides again change nothing.

    Raises Refused for a choice that is not known, or that does not fit the others.
    """
    new = (affected_side, worse_side, comparison_side)
    if not are_known(*new):
        raise Refused("Nothing was changed: choose the sides from the lists. Everything recorded is kept.")
    for sentence in contradictions(*new).values():
        refusal = f"Nothing was changed, and everything recorded is kept. {sentence}"
        raise Refused(refusal)
    with transaction.atomic():
        draft = locked_draft(desk, exam)
        old = _sides(draft)
        draft.affected_side, draft.worse_side, draft.comparison_side = new
        if _sides(draft) == old:
            return draft
        draft.saved = timezone.now()
        draft.save(update_fields=["affected_side", "worse_side", "comparison_side", "saved"])
        values: dict[str, JSON] = {"old": {**old}, "new": {**_sides(draft)}}
        record(desk, "exam.side_changed", draft, values=values, subject=draft.patient_id)
    return draft


def _sides(exam: Exam) -> dict[str, str]:
    return {
        "affected_side": str(exam.affected_side),
        "worse_side": str(exam.worse_side),
        "comparison_side": str(exam.comparison_side),
    }
