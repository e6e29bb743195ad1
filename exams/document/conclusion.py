"""What the findings point to, in words and bands, with what speaks for it, against it and is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from exams.document.tables import could_not, value_text, why_untested
from exams.document.words import listed, lowered, text, words
from exams.steps import sides_of
from localization import ALL_SITES_STEPS, BANDS, CATALOGUE, PHRASES, SITES

if TYPE_CHECKING:
    from exams.document.answers import Answers
    from exams.document.references import References
    from exams.models import Observation
    from localization import Missing, NextStep, NextTest, RankedSite, Reason, Report

# How many reasons and missing findings, weightiest first, the reader of one minute is given in each list.
# The leader's other reasons follow after the findings; what else is missing is named in one sentence.
FIRST = 5
FIRST_MISSING = 6
FIRST_OF_OTHERS = 3
FIRST_TESTS = 4


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
        "levels": _levels(report),
        "second_lesion": report.second_lesion.text if report.second_lesion else "",
        "notices": _notices(report),
        "ranked": [
            _ranked(rank, site, references, leads=site is leading)
            for rank, site in enumerate(report.ranked, start=1)
        ],
        "not_apart": report.not_apart,
        "stable": report.stable,
        "what_would_change": _change(report),
        "stop_signal": report.stop_signal,
        "next_tests": [_next_test(test) for test in report.next_tests[:FIRST_TESTS]],
        "for_lead": PHRASES["for_lead"].format(site=leading.label) if leading else "",
        "against_lead": PHRASES["against_lead"].format(site=leading.label) if leading else "",
        "missing_lead": PHRASES["missing_lead"],
        "next_best_lead": PHRASES["next_best_lead"],
        "missing": [_missing(missing, answers) for missing in report.missing[:FIRST_MISSING]],
        "missing_rest": _missing_rest(report.missing[FIRST_MISSING:], answers),
    }


def _unavailable() -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(
        ("support", "levels", "second_lesion", "not_apart", "stable", "what_would_change", "stop_signal"), ""
    )
    return empty | {
        "available": False,
        "placed": False,
        "headline": PHRASES["cannot_place_engine"],
        "for_lead": "",
        "against_lead": "",
        "next_tests": [],
        "notices": [],
        "ranked": [],
        "missing_lead": PHRASES["missing_lead"],
        "next_best_lead": PHRASES["next_best_lead"],
        "missing": [],
        "missing_rest": "",
    }


def _notices(report: Report) -> list[str]:
    """Return the notices but for red flags and second lesion, which have their own places in the report."""
    second = report.second_lesion.text if report.second_lesion else None
    openings = tuple(
        str(phrase).partition("{")[0]
        for phrase in (
            PHRASES["red_flags_none_some_unasked"],
            PHRASES["red_flags_none_all_asked"],
            words()["texts"]["flag_notice"],
        )
    )
    return [notice for notice in report.notices if notice != second and not notice.startswith(openings)]


def _missing(missing: Missing, answers: Answers) -> dict[str, str]:
    """Return a missing finding's sentence; one that could not be tested says why."""
    row, said = _untestable(missing, answers), missing.text
    if row:
        said = said.replace(PHRASES["not_tested"], value_text(CATALOGUE[missing.finding], row), 1)
    return {"finding": missing.finding, "text": said}


def _missing_rest(rest: Iterable[Missing], answers: Answers) -> str:
    """Return what else is missing: one sentence, and one more for each reason why it could not be tested."""
    names: dict[str, list[str]] = {"": []}
    for missing in rest:
        row = _untestable(missing, answers)
        names.setdefault(why_untested(row) if row else "", []).append(CATALOGUE[missing.finding].label)
    return " ".join(_of_less_weight(why, listed(found)) for why, found in names.items() if found)


def _of_less_weight(why: str, findings: str) -> str:
    if why:
        return text("missing_rest_for_reason", why=lowered(why), findings=findings)
    return text("missing_rest", findings=findings)


def _untestable(missing: Missing, answers: Answers) -> Observation | None:
    """Return the first answer that says why a finding could not be tested; None when it was not done."""
    rows = (answers.get((missing.finding, side)) for side in sides_of(CATALOGUE[missing.finding]))
    return next((row for row in rows if row and could_not(row)), None)


def _support(leading: RankedSite | None) -> str:
    if leading is None:
        return ""
    band = leading.band
    return str(PHRASES["support"]).format(
        band=band.label, band_definition=f"{band.definition} {band.observed}".strip()
    )


def _levels(report: Report) -> str:
    """Return every level group that earns a band, best first, as one sentence; empty where none is named."""
    named = [text("level_band", where=level.where, band=lowered(level.band.label)) for level in report.levels]
    return text("levels", levels=words()["texts"]["level_join"].join(named)) if named else ""


def _change(report: Report) -> str:
    return text("change", change=report.what_would_change) if report.what_would_change else ""


def _next_test(test: NextTest) -> dict[str, str]:
    """Return a test worth doing next: what, in which position, how long and why."""
    short = test.minutes < 1
    count = f"{test.minutes * 60:.0f}" if short else f"{test.minutes:g}"
    return {
        "finding": test.finding,
        "text": text(
            "next_test",
            finding=CATALOGUE[test.finding].label,
            position=lowered(test.position_label),
            minutes=text("seconds" if short else "minutes", count=count),
            why=test.why,
        ),
    }


def _ranked(rank: int, ranked: RankedSite, references: References, *, leads: bool) -> dict[str, Any]:
    """Return a site of the ranking; the leading one with all its reasons, the others with the weightiest."""
    first = FIRST if leads else FIRST_OF_OTHERS
    more_for, more_against = ranked.for_[first:], ranked.against[first:]
    return {
        "rank": rank,
        "site": ranked.site,
        "label": ranked.label,
        "where": ranked.where,
        "band": {"id": ranked.band.id, "label": ranked.band.label, "blocks": ranked.band.blocks},
        "for": _reasons(ranked.for_[:first], references),
        "against": _reasons(ranked.against[:first], references),
        "for_more": _reasons(more_for if leads else (), references),
        "against_more": _reasons(more_against if leads else (), references),
        "for_rest": "" if leads else _rest(more_for),
        "against_rest": "" if leads else _rest(more_against),
        "for_none": PHRASES["for_none"],
        "against_none": PHRASES["against_none"],
    }


def _rest(reasons: tuple[Reason, ...]) -> str:
    return text("rest", count=len(reasons)) if reasons else ""


def _reasons(reasons: Iterable[Reason], references: References) -> list[dict[str, Any]]:
    return [_reason(reason, references) for reason in reasons]


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
            {
                "label": band.label,
                "definition": f"{band.definition} {band.observed}".strip(),
                "blocks": band.blocks,
            }
            for band in BANDS
        ],
    }
