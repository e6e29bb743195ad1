"""What the findings point to, in words and bands, with what speaks for it, against it and is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from exams.document.tables import could_not, value_text
from exams.document.words import listed
from exams.steps import sides_of
from localization import ALL_SITES_STEPS, BANDS, CATALOGUE, PHRASES, SITES

if TYPE_CHECKING:
    from exams.document.answers import Answers
    from exams.document.references import References
    from localization import Missing, NextStep, RankedSite, Reason, Report


def conclusion(report: Report | None, answers: Answers, references: References) -> dict[str, Any]:
    """Return the conclusion; without a report only the sentence that there is none."""
    if report is None:
        return _unavailable()
    leading = report.ranked[0] if report.leading and report.ranked else None
    return {
        "available": True,
        "placed": leading is not None,
        "headline": report.headline,
        "support": _support(leading),
        "notices": _notices(report),
        "ranked": [_ranked(rank, site, references) for rank, site in enumerate(report.ranked, start=1)],
        "not_apart": report.not_apart,
        "unexplained": _unexplained(report),
        "stable": report.stable,
        "what_would_change": report.what_would_change,
        "for_lead": PHRASES["for_lead"].format(site=leading.label) if leading else "",
        "against_lead": PHRASES["against_lead"].format(site=leading.label) if leading else "",
        "missing_lead": PHRASES["missing_lead"],
        "next_best_lead": PHRASES["next_best_lead"],
        "missing": [_missing(missing, answers) for missing in report.missing],
    }


def _unavailable() -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(
        ("support", "not_apart", "unexplained", "stable", "what_would_change", "for_lead", "against_lead"), ""
    )
    return empty | {
        "available": False,
        "placed": False,
        "headline": PHRASES["cannot_place_engine"],
        "notices": [],
        "ranked": [],
        "missing_lead": PHRASES["missing_lead"],
        "next_best_lead": PHRASES["next_best_lead"],
        "missing": [],
    }


def _notices(report: Report) -> list[str]:
    """Return the notices but for the one about red flags, which the report's own block says more fully."""
    opening = str(PHRASES["red_flags_none_some_unasked"]).partition("{")[0]
    return [notice for notice in report.notices if not notice.startswith(opening)]


def _missing(missing: Missing, answers: Answers) -> dict[str, str]:
    """Return a missing finding's sentence; one that could not be tested says why."""
    rows = (answers.get((missing.finding, side)) for side in sides_of(CATALOGUE[missing.finding]))
    whys = [value_text(CATALOGUE[row.finding], row) for row in rows if row and could_not(row)]
    text = missing.text.replace(PHRASES["not_tested"], whys[0], 1) if whys else missing.text
    return {"finding": missing.finding, "text": text}


def _support(leading: RankedSite | None) -> str:
    if leading is None:
        return ""
    band = leading.band
    return str(PHRASES["support"]).format(band=band.label, band_definition=band.definition)


def _unexplained(report: Report) -> str:
    if not report.unexplained or not report.ranked:
        return ""
    findings = listed([cited.text for cited in report.unexplained])
    return str(PHRASES["unexplained"]).format(site=report.ranked[0].label, findings=findings)


def _ranked(rank: int, ranked: RankedSite, references: References) -> dict[str, Any]:
    return {
        "rank": rank,
        "site": ranked.site,
        "label": ranked.label,
        "where": ranked.where,
        "band": {"id": ranked.band.id, "label": ranked.band.label, "blocks": ranked.band.blocks},
        "for": [_reason(reason, references) for reason in ranked.for_],
        "against": [_reason(reason, references) for reason in ranked.against],
        "for_none": PHRASES["for_none"],
        "against_none": PHRASES["against_none"],
    }


def _reason(reason: Reason, references: References) -> dict[str, Any]:
    return {
        "finding": reason.finding,
        "side": reason.side or "",
        "text": reason.text,
        "rule": reason.rule,
        "sources": references.cite(reason.source),
    }


def options(report: Report | None, references: References) -> dict[str, Any]:
    """Return the options sources describe for the leading level, verbatim and apart from the conclusion."""
    site = SITES[report.leading.site] if report and report.leading else None
    steps: Iterable[NextStep] = (*site.next_steps, *ALL_SITES_STEPS) if site else ()
    return {
        "lead": PHRASES["options_lead"],
        "help": PHRASES["options_help"],
        "note": site.urgency_note if site else "",
        "steps": [
            {"kind": step.kind, "text": step.text, "sources": references.cite(step.source)} for step in steps
        ],
    }


def bands() -> dict[str, Any]:
    """Return what the words of support mean."""
    return {
        "lead": PHRASES["bands_lead"],
        "rows": [
            {"label": band.label, "definition": band.definition, "blocks": band.blocks} for band in BANDS
        ],
    }
