"""The report as one document: finished text that screen and paper both show, and that a signature covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from exams.document.alarms import closed, red_flag_block, tripwire_block, with_later_actions
from exams.document.answers import answers_of
from exams.document.canonical import canonical, digest, record_digest
from exams.document.conclusion import bands, conclusion, options
from exams.document.figures import figure
from exams.document.people import (
    Signature,
    decision_of,
    examination,
    identity,
    impression,
    letterhead,
    signature_row,
)
from exams.document.references import References
from exams.document.tables import counts, finding_tables
from exams.document.words import text, words
from exams.models import TripwireClosure
from localization import PHRASES, VERSION, knowledge_version

if TYPE_CHECKING:
    from exams.models import Decision, Exam
    from localization import Pathway, RedFlag, Report, Tripwire

__all__ = [
    "PARTS",
    "Reading",
    "Signature",
    "add_decision",
    "build_document",
    "canonical",
    "closed",
    "digest",
    "record_digest",
    "with_later_actions",
]

# What every report holds, whatever could be concluded.
PARTS = frozenset(
    (
        *("title", "words", "number", "version", "identity", "exam", "state", "versions", "record_digest"),
        *("red_flags", "conclusion", "figures", "tables", "counts", "impression", "decision", "options"),
        *("limits", "intended_use", "footer", "bands", "hose", "sources", "signatures", "unsigned"),
    )
)


class Reading(Protocol):
    """What the engine (`report`, None when it failed) and the rules beside it made of the findings."""

    @property
    def report(self) -> Report | None: ...  # noqa: D102 - named by the class docstring
    @property
    def red_flags(self) -> tuple[RedFlag, ...]: ...  # noqa: D102
    @property
    def tripwire(self) -> Tripwire | None: ...  # noqa: D102
    @property
    def flags_failed(self) -> bool: ...  # noqa: D102


def build_document(
    exam: Exam,
    *,
    reading: Reading,
    pathways: Sequence[Pathway],
    asked: Sequence[str],
    signatures: Sequence[Signature] = (),
) -> dict[str, Any]:
    """Return the whole report as JSON-ready data, every sentence finished.

    `asked` names the findings that the exam's protocol asks, `pathways` are the drawings of its legs.
    Without signatures it is a draft.
    """
    references = References()
    answers = answers_of(exam)
    document: dict[str, Any] = {
        "title": PHRASES["title"],
        "words": {name: words()[name] for name in ("headings", "columns", "labels", "beside")},
        "number": report_number(exam),
        "version": exam.version,
        "letterhead": letterhead(exam.clinic),
        "identity": identity(exam),
        "exam": examination(exam, None),
        "red_flags": red_flag_block(exam, reading, answers, references),
        "tripwire": tripwire_block(reading.tripwire, references),
        "conclusion": conclusion(reading.report, answers, references),
        "figures": [figure(pathway) for pathway in pathways],
        "tables": finding_tables(answers, asked),
        "counts": counts(answers, asked),
        "impression": impression(exam),
        "decision": decision_of(exam, None, placed=False),
        "options": options(reading.report, references),
        "limits": [*PHRASES["limits"]],
        "intended_use": [
            PHRASES["intended_use"],
            PHRASES["intended_use_inputs"],
            PHRASES["regulatory_state"],
        ],
        "footer": _footer(),
        "bands": bands(),
        "hose": PHRASES["hose"],
        "versions": _versions(reading.report),
        "record_digest": record_digest(exam),
    }
    references.cite(PHRASES["hose_source"])
    document["sources"] = {"lead": PHRASES["sources_lead"], "rows": references.as_rows()}
    return _sealed(document, exam, signatures)


def add_decision(
    document: dict[str, Any], *, exam: Exam, decision: Decision, signature: Signature
) -> dict[str, Any]:
    """Return the examiner's signed document with the supervisor's decision and signature added.

    A caution about brain or cord that the supervisor closed by then is closed in it, and what was done about
    a red flag after the examiner signed stands beside what was done before.
    """
    closure = TripwireClosure.objects.filter(clinic=exam.clinic_id, exam=exam).first()
    return with_later_actions(document, exam) | {
        "exam": examination(exam, decision) | {"clinic": document["exam"]["clinic"]},
        "tripwire": closed(document.get("tripwire", {}), closure),
        "decision": decision_of(exam, decision, placed=document["conclusion"]["placed"]),
        "state": _state("countersigned", document["version"]),
        "signatures": [*document["signatures"], signature_row(signature, exam)],
    }


def report_number(exam: Exam) -> str:
    """Return the number that names this version of the report, without anything about the patient."""
    return text("number", series=exam.series.hex[:8].upper(), version=exam.version)


def _sealed(document: dict[str, Any], exam: Exam, signatures: Sequence[Signature]) -> dict[str, Any]:
    state = "submitted" if signatures else "draft"
    return document | {
        "state": _state(state, exam.version),
        "signatures": [signature_row(signature, exam) for signature in signatures],
        "unsigned": text("unsigned"),
    }


def _state(state: str, version: int) -> dict[str, Any]:
    named = words()["state"][state]
    return {
        "id": state,
        "name": named["name"],
        "label": text("state", state=named["name"], version=version),
        "sentence": PHRASES[state],
        "stamp": named["stamp"],
    }


def _versions(report: Report | None) -> dict[str, Any]:
    knowledge = report.knowledge if report else knowledge_version()
    return {
        "engine": report.engine if report else VERSION,
        "knowledge": knowledge.version,
        "digest": knowledge.digest,
        "template": words()["template_version"],
        "line": PHRASES["version_line"],
    }


def _footer() -> str:
    """Return the foot of each page: the last sentence of the intended use, and the regulatory state."""
    use = str(PHRASES["intended_use"])
    return f"{use[use.rindex('It does not') :]} {PHRASES['regulatory_state']}"
