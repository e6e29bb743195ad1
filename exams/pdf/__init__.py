"""The printed report: the signed document set as a tagged PDF."""

from __future__ import annotations

from exams.pdf.render import PdfBusy, PdfFailed, check_code, render_pdf

__all__ = ["PdfBusy", "PdfFailed", "check_code", "render_pdf"]
