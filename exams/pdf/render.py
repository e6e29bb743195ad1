"""Sets a report document as PDF/UA-1 with Typst: the same document always gives the same bytes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

import typst

from clinics.refusals import Refused
from exams.document.words import text
from exams.pdf.figure import drawn
from exams.pdf.glyphs import printable

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "report.typ"
FONTS = FOLDER / "fonts"
STANDARD: Final = "ua-1"
NOTHING_ADDED: Final[Mapping[str, Any]] = {}

# Setting a report fills one core for a moment; more than two at once would starve the people who are saving.
AT_ONCE = 2
PATIENCE = 5.0  # seconds a request waits for its turn
BUSY = (
    "The printer of reports is busy. Everything recorded is kept, and nothing was signed or sent. "
    "Wait a few seconds, then try again."
)
FAILED = (
    "The paper of this report could not be made. Everything recorded is kept, and the report on the screen "
    "is complete. Tell the clinic's administrator."
)
TURNS = BoundedSemaphore(AT_ONCE)


class PdfBusy(Refused):
    """Too many reports are being set at this moment (503)."""

    def __init__(self) -> None:
        super().__init__(BUSY, status=503)


class PdfFailed(Refused):
    """The document could not be set as PDF (503)."""

    def __init__(self) -> None:
        super().__init__(FAILED, status=503)


def check_code(hashed: str) -> str:
    """Return the part of a report's hash that stands on every page, in groups of four; empty for a draft."""
    return " ".join(hashed[start : start + 4] for start in range(0, 16, 4)) if hashed else ""


def render_pdf(
    document: dict[str, Any],
    *,
    hashed: str = "",
    stamp: str | None = None,
    added: Mapping[str, Any] = NOTHING_ADDED,
    logo: bytes = b"",
) -> bytes:
    """Return the document as PDF.

    `hashed` is the hash of its canonical text, empty for a draft; `stamp` goes across every page and
    replaces the document's own. What was `added` after signing stands on pages of its own at the end.
    `logo` is the PNG that the document's letterhead names; without it nothing stands in its place.
    Raises PdfBusy when no turn comes in time, PdfFailed when it cannot be set.
    """
    content = printable(_content(document, hashed, stamp) | {"added": added})
    content["logo"] = list(logo)
    with _turn():
        return _set(json.dumps(content))


def _set(content: str) -> bytes:
    """Return the JSON content set by the template; it may read nothing outside its own folder."""
    try:
        made = typst.compile(
            TEMPLATE,
            root=FOLDER,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=STANDARD,
            sys_inputs={"report": content},
        )
    except typst.TypstError as error:
        # The kind of error only: its text may quote what was recorded.
        logger.error("A report could not be set: %s", type(error).__name__)  # noqa: TRY400
        raise PdfFailed from error
    return bytes(made)


def _content(document: dict[str, Any], hashed: str, stamp: str | None) -> dict[str, Any]:
    return document | {
        "stamp": document["state"]["stamp"] if stamp is None else stamp,
        "code": check_code(hashed) or text("no_code"),
        "hash": hashed,
        "figures": [figure | {"svg": drawn(figure)} for figure in document["figures"]],
    }


@contextmanager
def _turn() -> Iterator[None]:
    if not TURNS.acquire(timeout=PATIENCE):
        raise PdfBusy
    try:
        yield
    finally:
        TURNS.release()
