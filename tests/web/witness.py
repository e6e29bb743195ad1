"""What an answer says, and whether the records are what they were: the eyes of the access tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

from django.apps import apps
from django.core.serializers import serialize
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.test import Client
from pypdf import PdfReader

from clinics.models import Clinic
from tests.worlds import Place

HX = {"HX-Request": "true"}
# What a request may leave behind without having changed a record.
TRACES = {"AuditEvent", "AuditValues", "ChainHead", "SubjectKey", "Session"}


def send(
    client: Client, method: str, address: str, sent: Mapping[str, str], headers: Mapping[str, str]
) -> HttpResponse:
    """Send one request; a form goes with the method that carries one."""
    if method == "POST":
        return client.post(address, sent, headers=dict(headers))  # type: ignore[return-value]
    return client.generic(method, address, headers=dict(headers))  # type: ignore[return-value]


def text_of(answer: HttpResponse) -> str:
    """Return everything the answer says: headers, body, and the words inside a PDF."""
    headers = " ".join(f"{name}: {value}" for name, value in answer.items())
    if answer.get("Content-Type") == "application/pdf" and answer.content:
        return headers + " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return headers + answer.content.decode("utf-8", "replace")


def assert_silent(
    answer: HttpResponse, place: Place, where: str, said: Mapping[str, str] | None = None
) -> None:
    """Fail when the answer says anything of the place that the request did not say itself."""
    text = text_of(answer)
    for value in (said or {}).values():
        text = text.replace(value, "")
    assert place.canary not in text, where


def assert_no_patient(answer: HttpResponse, place: Place, where: str) -> None:
    """Fail when the answer names the place's patient; the frame may name clinic and person."""
    text, patient = text_of(answer), place.patient
    for word in (patient.family_name, patient.given_name, f"by {place.canary}", f"Told {place.canary}"):
        assert word not in text, where


def checksum(without: Clinic | None = None) -> str:
    """Return a digest of every record in the database, or of every one outside a clinic."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model.__name__ in TRACES:
            continue
        found: QuerySet[Model] = QuerySet(model).order_by("pk")
        if without and hasattr(model, "clinic"):
            found = found.exclude(clinic=without)
        for row in serialize("python", found):
            row["fields"].pop("last_login", None)
            digest.update(repr(row).encode())
    return digest.hexdigest()
