"""The report as lines of text, for the command line."""

from __future__ import annotations

from localization.report import RankedSite, Report
from localization.sites import phrases

SHOWN = 6


def as_text(report: Report) -> str:
    """Return the report for reading: red flags first, then the conclusion and its reasons."""
    lines = [f"{flag.urgency_label}: {flag.banner} {flag.can_mean} {flag.say}" for flag in report.red_flags]
    lines += [report.headline, *report.notices, ""]
    lines += [line for entry in report.ranked for line in _entry(entry)]
    if report.not_apart:
        lines += ["", report.not_apart]
    if report.missing:
        lines += ["", f"{phrases()['missing_lead']}:"]
        lines += [f"  {item.text}" for item in report.missing[:SHOWN]]
    if report.next_tests:
        lines += ["", "Next:"]
        lines += [
            f"  {test.finding} ({test.position_label.lower()}, {test.minutes:g} min). {test.why}"
            for test in report.next_tests
        ]
    lines += ["", *(line for line in (report.what_would_change, report.stable) if line)]
    version = report.knowledge
    lines.append(f"Engine {report.engine}, knowledge {version.version} ({version.digest}).")
    return "\n".join(lines)


def _entry(entry: RankedSite) -> list[str]:
    lines = [f"{entry.label} ({entry.where}): {entry.band.label}"]
    lines += [f"  + {reason.text}" for reason in entry.for_[:SHOWN]]
    lines += [f"  - {reason.text}" for reason in entry.against[:SHOWN]]
    return lines
