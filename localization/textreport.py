"""The report as lines of text, for the command line."""

from __future__ import annotations

from collections.abc import Iterator

from localization.catalogue import catalogue
from localization.knowledge import read
from localization.report import NextTest, RankedSite, Report
from localization.sites import phrases

SHOWN = 6


def as_text(report: Report) -> str:
    """Return the report for reading: red flags first, then the conclusion and its reasons."""
    blocks = (_alarms(report), _conclusion(report), _ranking(report), _missing(report), _next(report))
    texts = ["\n".join(lines) for lines in (*map(tuple, blocks), tuple(_standing(report))) if lines]
    return "\n\n".join(texts)


def _alarms(report: Report) -> Iterator[str]:
    for flag in report.red_flags:
        yield f"{flag.urgency_label}: {flag.banner} {flag.can_mean} {flag.say}"
    if report.tripwire is not None:
        yield f"{report.tripwire.label}. {report.tripwire.text}"


def _conclusion(report: Report) -> Iterator[str]:
    yield report.headline
    yield from report.notices


def _ranking(report: Report) -> Iterator[str]:
    if report.levels:
        levels = (f"{level.label}: {level.band.label}" for level in report.levels)
        yield f"{_words()['levels_lead']}: {read('wording')['answer']['join'].join(levels)}."
    for entry in report.ranked:
        yield from _entry(entry)
    for band in dict.fromkeys(entry.band for entry in report.ranked):
        yield f"{band.label}: {band.definition} {band.observed}".rstrip()
    if report.not_apart:
        yield report.not_apart


def _entry(entry: RankedSite) -> Iterator[str]:
    yield f"{entry.label} ({entry.where}): {entry.band.label}"
    yield from (f"  + {reason.text}" for reason in entry.for_[:SHOWN])
    yield from (f"  - {reason.text}" for reason in entry.against[:SHOWN])


def _missing(report: Report) -> Iterator[str]:
    if report.missing:
        yield f"{phrases()['missing_lead']}:"
        yield from (f"  {item.text}" for item in report.missing[:SHOWN])


def _next(report: Report) -> Iterator[str]:
    if report.next_tests:
        yield f"{_words()['next_lead']}:"
        yield from (f"  {_test(test)}" for test in report.next_tests)
    if report.stop_signal:
        yield report.stop_signal


def _test(test: NextTest) -> str:
    label = catalogue()[test.finding].label
    return f"{label} ({test.position_label.lower()}, {test.minutes:g} min). {test.why}"


def _standing(report: Report) -> Iterator[str]:
    """Yield how the level stands, where the report names one or two, and what the answer rests on."""
    if report.levels and report.what_would_change:
        yield f"{_words()['change_lead']}: {report.what_would_change}"
    if report.levels and report.stable:
        yield report.stable
    version = report.knowledge
    yield f"Engine {report.engine}, knowledge {version.version} ({version.digest})."


def _words() -> dict[str, str]:
    words: dict[str, str] = read("wording")["answer"]
    return words
