"""Whether a signature still holds: stored report, paper and the rows behind it are what was signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from django.db.models import Model

from clinics.audit import JSON, values_of
from clinics.models import AuditEvent
from exams.document import digest, record_digest
from exams.models import Decision, Opinion, SignedReport, TripwireClosure
from exams.services.letterhead import kept_logo

SIGNED = "report.signed"
LOOKED = "review.looked"
CAUTION_CLOSED = "review.caution_closed"


def signature_holds(signed: SignedReport) -> bool:
    """Return whether the stored report, its paper, its row and the rows behind it are what was signed."""
    if digest(signed.document) != signed.hash or digest(bytes(signed.pdf)) != signed.pdf_hash:
        return False
    document = document_of(signed)
    signature, versions = document["signatures"][-1], document["versions"]
    said = (signature["meaning"], signature["user"], signature["at"], signature["role_id"])
    row = (signed.meaning, signed.signed_by_id, signed.at.isoformat(), signed.role)
    named = (versions["engine"], versions["digest"], versions["template"])
    columns = (signed.engine_version, signed.knowledge_digest, signed.template_version)
    recorded = document["record_digest"] == record_digest(signed.exam)
    hashes: dict[str, JSON] = {"hash": signed.hash, "pdf_hash": signed.pdf_hash}
    in_trail = _as_in_trail(signed, SIGNED, hashes)
    pictured = kept_logo(document, signed.clinic_id) is not None
    as_signed = said == row and named == columns and recorded and pictured
    return as_signed and in_trail and _review_holds(signed, document)


def document_of(signed: SignedReport) -> dict[str, Any]:
    """Return the stored document, as it was signed."""
    document: dict[str, Any] = json.loads(signed.document)
    return document


def _review_holds(signed: SignedReport, document: Mapping[str, Any]) -> bool:
    """Whether the decision, the look before it and a closed caution are what a countersignature covers."""
    if signed.meaning == SignedReport.Meaning.EXAMINED:
        return True
    decision = Decision.objects.filter(clinic=signed.clinic_id, exam=signed.exam_id).first()
    if decision is None or decision.supervisor_id != signed.signed_by_id:
        return False
    said: dict[str, JSON] = {
        "outcome": decision.outcome,
        "site": decision.site,
        "comment": decision.comment,
    }
    if decision.outcome != document["decision"]["outcome"]:
        return False
    if not _as_in_trail(decision, f"review.{decision.outcome}", said):
        return False
    looks = Opinion.objects.filter(exam=signed.exam_id, voice=Opinion.Voice.SUPERVISOR)
    looked = all(_as_in_trail(look, LOOKED, {"site": look.site, "text": look.text}) for look in looks)
    closures = TripwireClosure.objects.filter(exam=signed.exam_id)
    return looked and all(_as_in_trail(one, CAUTION_CLOSED, {"reason": one.reason}) for one in closures)


def _as_in_trail(row: Model, act: str, said: Mapping[str, JSON]) -> bool:
    """Whether the trail says the same of this row; a granted erasure leaves only that it was done."""
    events = AuditEvent.objects.filter(object_id=str(row.pk), act=act)
    event = events.filter(clinic=getattr(row, "clinic_id")).first()  # noqa: B009 - every row names its clinic
    if event is None:
        return False
    try:
        values = values_of(event)
    except InvalidToken:
        return False
    return values is None or {name: values.get(name) for name in said} == dict(said)
