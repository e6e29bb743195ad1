"""The logo that a report names: the very bytes, from among those that its clinic ever used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clinics.logos import logo_of
from exams.document import digest


def kept_logo(document: Mapping[str, Any], clinic_id: UUID) -> bytes | None:
    """Return the PNG that the document names: empty when it names none, None when it is not kept as named.

    Documents of templates before 1.4 name none.
    """
    named = document.get("letterhead", {}).get("logo", "")
    if not named:
        return b""
    found = logo_of(clinic_id, named)
    png = bytes(found.png) if found else b""
    return png if digest(png) == named else None
