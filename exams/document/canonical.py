"""The exact characters that a signature covers, and the digest of the answers behind them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exams.models import Exam

ANSWER_FIELDS = (
    "finding",
    "side",
    "token",
    "not_tested",
    "reason",
    "confounder",
    "count_as",
    "modality",
    "note",
)
# Fields that came later, left out of an answer where they are empty: a record signed before keeps its digest.
ADDED_FIELDS = ("guard", "trials")


def canonical(value: Any) -> str:
    """Return JSON text that is the same for the same content: sorted keys, no spaces, plain Unicode."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(content: str | bytes) -> str:
    """Return the SHA-256 of the text or bytes, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def record_digest(exam: Exam) -> str:
    """Return the digest of what was recorded: every answer, the side, and the examiner's impression."""
    # Sorted here, not by the database, whose order of letters may change with a move to another one.
    rows = exam.observations.values(*ANSWER_FIELDS, *ADDED_FIELDS)
    answers = sorted((_signed(row) for row in rows), key=lambda row: (row["finding"], row["side"]))
    opinions = exam.opinions.filter(author_id=exam.examiner_id, voice="examiner")
    record = {
        "exam": str(exam.pk),
        "patient": str(exam.patient_id),
        "side": exam.affected_side,
        **_added_sides(exam),
        "protocol": exam.protocol,
        "version": exam.version,
        "answers": answers,
        "impression": list(opinions.values("site", "text", "answer_in_view")),
    }
    return digest(canonical(record))


def _added_sides(exam: Exam) -> dict[str, str]:
    """Return what was said beyond the affected side; nothing where nothing was, as in older records."""
    said = {"worse": exam.worse_side, "comparison": exam.comparison_side}
    return {name: value for name, value in said.items() if value}


def _signed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value or name not in ADDED_FIELDS}
