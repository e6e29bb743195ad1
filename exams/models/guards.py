"""What the database itself keeps as it was once an exam is signed, as guards on the tables of the record."""

from __future__ import annotations

from typing import Final

from clinics.append_only import Guard

KEPT: Final = "what is signed never changes"
NOT_SIGNED: Final = "NOT EXISTS (SELECT 1 FROM exams_signedreport WHERE exam_id = {row}.{column})"
# Said once, and never taken back: a signature, a decision, a remark, a question, an alarm that was met.
NEVER: Final = (
    "exams_signedreport",
    "exams_decision",
    "exams_remark",
    "exams_questionentry",
    "exams_redflagaction",
    "exams_tripwireclosure",
)
# What a signature binds of an exam; its state moves on, but never back to a draft.
BOUND: Final = (
    *("id", "clinic_id", "patient_id", "series", "version", "protocol", "affected_side", "worse_side"),
    *("comparison_side", "opened", "examiner_id", "started"),
)


def _open(row: str, column: str = "exam_id") -> str:
    return NOT_SIGNED.format(row=row, column=column)


def _guard(table: str, statement: str, unless: str = "") -> Guard:
    return Guard(table, statement, unless, message=KEPT, looks_elsewhere=bool(unless))


_SAME = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in BOUND)
_MOVES_ON = f"{_SAME} AND (NEW.state <> 'draft' OR OLD.state = 'draft')"

GUARDS: Final = (
    *(_guard(table, statement) for table in NEVER for statement in ("UPDATE", "DELETE", "TRUNCATE")),
    _guard("exams_exam", "UPDATE", f"{_open('OLD', 'id')} OR ({_MOVES_ON})"),
    _guard("exams_exam", "DELETE", _open("OLD", "id")),
    _guard("exams_exam", "TRUNCATE"),
    _guard("exams_observation", "INSERT", _open("NEW")),
    _guard("exams_observation", "UPDATE", f"{_open('OLD')} AND {_open('NEW')}"),
    _guard("exams_observation", "DELETE", _open("OLD")),
    _guard("exams_observation", "TRUNCATE"),
    # A supervisor looks after the examiner signed, and says so once.
    _guard("exams_opinion", "INSERT", f"NEW.voice = 'supervisor' OR {_open('NEW')}"),
    _guard("exams_opinion", "UPDATE", f"{_open('OLD')} AND {_open('NEW')}"),
    _guard("exams_opinion", "DELETE", _open("OLD")),
    _guard("exams_opinion", "TRUNCATE"),
)
