"""Reads an exam's rows as findings and asks the engine and, apart from it, the red-flag rules."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from exams.models import Exam, Observation
from localization import (
    CATALOGUE,
    Finding,
    FindingError,
    Findings,
    Pathway,
    RedFlag,
    Report,
    Side,
    Tripwire,
    central_tripwire,
    localize,
    pathway,
    red_flag_questions,
    red_flags,
)

logger = logging.getLogger(__name__)

# The grade by which a confounded strength enters; a grade to ignore, or undecided, does not enter.
COUNTED: Mapping[str, str] = {Observation.CountAs.WEAK: "weak", Observation.CountAs.NORMAL: "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Localization:
    """What the findings of an exam say: the engine's report; red flags and tripwire do not need it.

    `failed` means that the engine could not be run and `report` is None; `flags_failed` that the
    red-flag rules could not, and then every question counts as not asked. `tripwire` is the caution about
    brain or cord, None when no sign of them was recorded.
    """

    report: Report | None
    red_flags: tuple[RedFlag, ...]
    tripwire: Tripwire | None
    flags_unasked: tuple[str, ...]
    failed: bool
    flags_failed: bool = False


def exam_date(exam: Exam) -> date:
    """Return the day of the exam in the clinic's time zone."""
    return clinic_date(exam.started, exam.clinic.time_zone)


def clinic_date(moment: datetime, time_zone: str) -> date:
    """Return the calendar day of a moment in a time zone."""
    return timezone.localdate(moment, ZoneInfo(time_zone))


def age_at(born: date, day: date) -> int:
    """Return completed years between birth and a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def exam_age(exam: Exam) -> int:
    """Return the patient's age in completed years on the day of the exam."""
    return age_at(exam.patient.birth_date, exam_date(exam))


def findings_of(
    exam: Exam, rows: Iterable[Observation] | None = None, *, for_alarms: bool = False
) -> Findings:
    """Return the exam as findings: the only place where rows become evidence.

    An answer that was not tested, whose confounded grade is ignored or undecided, or whose technique was not
    as described, is left out; `for_alarms` keeps an abnormal one of the last kind, so that no red flag and no
    sign of brain or cord falls silent by it.
    """
    unsided: dict[str, str | float] = {"side": exam.affected_side, "sex": exam.patient.sex}
    legs: dict[str, dict[str, str | float]] = {"": unsided, "left": {}, "right": {}}
    _put(unsided, CATALOGUE["age"], str(exam_age(exam)))
    for row in exam.observations.all() if rows is None else rows:
        token = counted_token(row) or (_alarms(row) if for_alarms else "")
        if token:
            _put(legs[row.side], CATALOGUE[row.finding], token)
    return Findings.build(
        unsided=unsided, left=legs["left"], right=legs["right"], named_first=worse_leg(exam)
    )


def worse_leg(exam: Exam) -> Side | None:
    """Return the leg that the examiner calls the worse of two; None when alike, one-sided or not said."""
    if exam.affected_side != Exam.Side.BILATERAL:
        return None
    if exam.worse_side == Exam.Worse.LEFT:
        return "left"
    return "right" if exam.worse_side == Exam.Worse.RIGHT else None


def counted_token(row: Observation) -> str:
    """Return the token by which a row counts as evidence, or nothing."""
    if row.not_tested or is_falsified(row):
        return ""
    if row.confounder:
        return COUNTED.get(row.count_as, "")
    return row.token


def is_falsified(row: Observation) -> bool:
    """Return whether the technique was not as described, so that the value says nothing."""
    return row.guard == Observation.Guard.NOT_HELD


def without_value(rows: Iterable[Observation]) -> frozenset[str]:
    """Return the findings that could not be tested, or whose value does not count: testing again is no help.

    One whose technique was not as described is to be tested again.
    """
    return frozenset(row.finding for row in rows if not counted_token(row) and not is_falsified(row))


def _alarms(row: Observation) -> str:
    """Return an abnormal token whose technique was not as described: it may still call for urgent care."""
    finding = CATALOGUE[row.finding]
    known = is_falsified(row) and row.token in finding.scale.tokens
    return row.token if known and finding.state_of(row.token) == "abnormal" else ""


def _put(values: dict[str, str | float], finding: Finding, token: str) -> None:
    """Add a value the catalogue accepts; one it no longer knows counts as not recorded and is logged."""
    try:
        values[finding.id] = finding.check(token)
    except FindingError:
        logger.warning("A stored value of %s is outside the catalogue and was not counted", finding.id)


def localize_exam(
    exam: Exam,
    rows: Iterable[Observation] | None = None,
    *,
    position: str = "",
    set_aside: Collection[str] = (),
) -> Localization:
    """Return the reading of an exam; never raises: a failing engine leaves red flags and tripwire standing.

    `position` is the one the patient is in, so that the next tests spare turns; empty when not known.
    `set_aside` names findings that are not to be tested: none is a next test.
    """
    stored = tuple(exam.observations.all() if rows is None else rows)
    unasked = _unasked(stored)
    try:
        findings = findings_of(exam, stored)
        flags = red_flags(findings_of(exam, stored, for_alarms=True))
    except Exception as error:  # the record stays usable by hand whatever the rules do
        _log_failure("Red-flag rules", exam, error)
        everything = red_flag_questions()
        return Localization(
            report=None,
            red_flags=(),
            tripwire=_tripwire(exam, stored),
            flags_unasked=everything,
            failed=True,
            flags_failed=True,
        )
    tripwire = _tripwire(exam, stored)
    try:
        report = localize(findings, setting=exam.clinic.prior_setting, position=position, set_aside=set_aside)
    except Exception as error:  # the record stays usable by hand whatever the engine does
        _log_failure("Localization", exam, error)
        return Localization(
            report=None, red_flags=flags, tripwire=tripwire, flags_unasked=unasked, failed=True
        )
    return Localization(
        report=report, red_flags=flags, tripwire=tripwire, flags_unasked=unasked, failed=False
    )


def _tripwire(exam: Exam, rows: Iterable[Observation]) -> Tripwire | None:
    """Return the caution about brain or cord; where its rule fails the engine fails too, and says so."""
    try:
        return central_tripwire(findings_of(exam, rows, for_alarms=True))
    except Exception as error:  # the red flags stand whatever happens here
        _log_failure("Tripwire", exam, error)
        return None


def pathways_of(exam: Exam, rows: Iterable[Observation], report: Report | None) -> tuple[Pathway, ...]:
    """Return the drawing of the index leg, of both legs when both are affected, of none when it fails."""
    try:
        findings = findings_of(exam, rows)
        if exam.affected_side == Exam.Side.BILATERAL:
            return (
                pathway(findings, report, side="left"),
                pathway(findings, report, side="right"),
            )
        return (pathway(findings, report, side=findings.index),)
    except Exception as error:  # a drawing repeats the table, so the page goes on without it
        _log_failure("Pathway", exam, error)
        return ()


def _unasked(rows: Iterable[Observation]) -> tuple[str, ...]:
    """Return the red-flag questions without an answer that counts."""
    answered = {row.finding for row in rows if not (row.not_tested or is_falsified(row))}
    return tuple(name for name in red_flag_questions() if name not in answered)


def _log_failure(what: str, exam: Exam, error: Exception) -> None:
    """Log that a reading failed with the kind of error only: its text may quote what was recorded."""
    logger.error("%s failed for exam %s: %s", what, exam.pk, type(error).__name__)
