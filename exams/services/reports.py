"""Which report an exam has to show: the stored one once it is signed, else the draft as it stands now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clinics.desk import Desk
from exams.document import PARTS
from exams.document.words import words
from exams.models import Exam, SignedReport
from exams.pdf import check_code, render_pdf
from exams.services.additions import added_after_signing
from exams.services.exams import impression_of
from exams.services.letterhead import kept_logo
from exams.services.review import may_review, own_look
from exams.services.signing import document_of, draft_document, signature_holds
from localization import PHRASES


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """A report as it is shown: its document, the signature behind it, and what goes across it.

    `document` is empty when what is stored cannot be read any more. `stamp` is empty for a report that
    stands; otherwise DRAFT, SIGNATURE INVALID or what became of this version, and `warning` says it in
    a sentence. `newest` is the newest version of the exam, of a superseded one the newest signed; None when
    this is the newest. `added` is what was said after signing, outside of the document.
    """

    document: dict[str, Any]
    signed: SignedReport | None
    holds: bool
    stamp: str
    warning: str
    newest: Exam | None
    clinic_id: UUID
    added: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The check code that stands on every page; empty for a draft."""
        return check_code(self.signed.hash) if self.signed else ""

    @property
    def stands(self) -> bool:
        """Whether the stored paper may be served as it was signed."""
        return self.signed is not None and self.holds and not self.stamp

    def pdf(self, *, as_signed: bool = False) -> bytes:
        """Return the paper: the stored bytes while they stand, else the document with its stamp on each page.

        With something added after signing the document is set again with pages of their own for it, unless
        the paper is wanted `as_signed`. Raises PdfBusy when the printer is busy, PdfFailed when the document
        cannot be set.
        """
        if self.signed and self.stands and (as_signed or not self.added):
            return bytes(self.signed.pdf)
        hashed = self.signed.hash if self.signed else ""
        logo = kept_logo(self.document, self.clinic_id) or b""
        return render_pdf(self.document, hashed=hashed, stamp=self.stamp, added=self.added, logo=logo)


def report_of(exam: Exam) -> ShownReport:
    """Return the report of an exam; a signed one is read from storage and never computed again."""
    signed = exam.signed_reports.select_related("exam").order_by("-at").first()
    newest = Exam.objects.of(exam.clinic).filter(series=exam.series, version__gt=exam.version)
    if exam.state == Exam.State.SUPERSEDED:  # by what is signed: a draft takes no version's place
        newest = newest.exclude(state=Exam.State.DRAFT)
    newer = newest.order_by("-version").first()
    if signed is None:
        return ShownReport(
            document=draft_document(exam),
            signed=None,
            holds=True,
            stamp=_fate(exam, newer) or words()["state"]["draft"]["stamp"],
            warning=_fate(exam, newer) or PHRASES["draft"],
            newest=newer,
            clinic_id=exam.clinic_id,
        )
    holds = signature_holds(signed)
    stamp = _fate(exam, newer) if holds else words()["stamps"]["invalid"]
    return ShownReport(
        document=_readable(signed),
        signed=signed,
        holds=holds,
        stamp=stamp,
        warning=stamp if holds else words()["texts"]["invalid"],
        newest=newer,
        clinic_id=exam.clinic_id,
        added=added_after_signing(exam),
    )


def answer_is_hidden(desk: Desk, exam: Exam) -> str:
    """Return where this person has to go before the answer may be seen, or nothing.

    "impression": the clinic shows the answer only after the examiner's own impression. "look": a
    supervisor looks first, and the others' opinions stay out of the page.
    """
    if exam.is_draft:
        waits = exam.panel_mode == exam.clinic.PanelMode.AFTER_IMPRESSION and impression_of(exam) is None
        return "impression" if waits else ""
    blind = exam.state == Exam.State.SUBMITTED and desk.clinic.blind_look and may_review(desk, exam)
    return "look" if blind and own_look(desk, exam) is None else ""


def _fate(exam: Exam, newer: Exam | None) -> str:
    """Return what became of this version, empty while it stands."""
    if exam.state == Exam.State.SUPERSEDED and newer:
        return str(PHRASES["superseded"]).format(n=newer.version)
    return str(words()["stamps"].get(exam.state, ""))


def _readable(signed: SignedReport) -> dict[str, Any]:
    """Return the stored document, or nothing when it is no report any more."""
    try:
        document = document_of(signed)
        return document if document.keys() >= PARTS else {}
    except (AttributeError, ValueError):
        return {}
