"""One answer as the examiner gives it, and what the catalogue allows it to be."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from exams.models import Exam, Observation
from exams.steps import asked_findings, sides_of
from localization import CATALOGUE, Choice, Finding, FindingError, from_trials, most_trials

NOT_TESTED = "not_tested"
NOTE_LENGTH = 500
# A confounded grade enters the localization as one of these grades of the strength scale.
GRADED_SCALE = "mrc"
# How touch was tested: a remark of the observation, it does not change which finding it is.
MODALITIES = (
    Choice(id="light_touch", label="Light touch", definition="Tested with cotton or a fingertip"),
    Choice(id="pinprick", label="Pinprick", definition="Tested with a disposable pin"),
)
GUARD_ANSWERS = (Observation.Guard.HELD.value, Observation.Guard.NOT_HELD.value)
NUMBER = re.compile(r"[-+−]?\d{1,6}([.,]\d{1,3})?", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found for one finding on one side, given to the `revision` that the page showed.

    `trials` are those behind a measured force, led by what was made of them: “best 112 118 109”.
    """

    finding: str
    side: str = ""
    token: str = ""
    trials: str = ""
    not_tested: bool = False
    reason: str = ""
    confounder: str = ""
    count_as: str = ""
    guard: str = ""
    modality: str = ""
    note: str = ""
    revision: int = 0
    cleared: bool = False


def answer_id(exam: Exam, finding: str, side: str) -> uuid.UUID:
    """Return the id of an exam's answer: fixed, so that the trail tells its history across clearing."""
    return uuid.uuid5(exam.pk, f"{finding}.{side}")


def answer_of(row: Observation) -> Answer:
    """Return a stored row as the answer that would save it again."""
    return Answer(
        finding=row.finding,
        side=row.side,
        token=row.token,
        trials=row.trials,
        not_tested=row.not_tested,
        reason=row.reason,
        confounder=row.confounder,
        count_as=row.count_as,
        guard=row.guard,
        modality=row.modality,
        note=row.note,
        revision=row.revision,
    )


class Rejected(Exception):  # noqa: N818 - the form shows it beside the field
    """An answer that cannot be recorded: the sentence for the user, and the tokens that would be allowed."""

    def __init__(self, message: str, allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = tuple(allowed)


def checked(answer: Answer, rule: str = "best") -> Answer:
    """Return the answer as it is stored; raises Rejected when the catalogue does not know such an answer.

    `rule` is what the clinic makes of several trials of a force: their best, or their mean.
    """
    finding = known_finding(answer.finding, answer.side)
    if answer.cleared:
        return Answer(finding=answer.finding, side=answer.side, revision=answer.revision, cleared=True)
    _check_note(finding, answer.note)
    if answer.not_tested:
        _check_not_tested(finding, answer)
        return answer
    _check_details(finding, answer)
    typed = answer.token.replace("/", " ").split()
    if len(typed) > 1 and most_trials(finding) > 1:
        return _tried(finding, answer, typed, rule)
    token = _token(finding, answer.token)
    holds = bool(answer.trials) and token == from_trials(*parted(answer.trials))
    return replace(answer, token=token, trials=answer.trials if holds else "")


def parted(trials: str) -> tuple[list[str], str]:
    """Return the trials of a stored force and the rule by which they became its value."""
    rule, *numbers = trials.split()
    return numbers, rule


def typed_token(answer: Answer) -> str:
    """Return the token as it was typed: the trials of a force where there were several."""
    return " ".join(parted(answer.trials)[0]) if answer.trials else answer.token


def _tried(finding: Finding, answer: Answer, typed: list[str], rule: str) -> Answer:
    """Return the answer with the value that its trials come to; raises Rejected for too many of them."""
    most = most_trials(finding)
    if len(typed) > most:
        message = f"{finding.label}: type at most {most} trials with a space between, or choose Not tested."
        raise Rejected(message)
    trials = [_number(finding, trial) for trial in typed]
    return replace(answer, token=from_trials(trials, rule), trials=" ".join((rule, *trials)))


def known_finding(name: str, side: str) -> Finding:
    """Return a finding that some step asks on this side; raises Rejected."""
    if name not in asked_findings():
        message = "Not saved: this finding is not asked in the exam. Saved answers are kept: reload the page."
        raise Rejected(message)
    finding = CATALOGUE[name]
    if side not in sides_of(finding):
        where = "the patient's LEFT and RIGHT" if finding.sided else "once, without a side"
        message = f"Not saved: {finding.label} is recorded for {where}. Reload the page; nothing is lost."
        raise Rejected(message, sides_of(finding))
    return finding


def may_be_confounded(finding: Finding, token: str) -> bool:
    """Return whether something else may explain this value: only a grade below full strength."""
    if finding.scale.id != GRADED_SCALE or not token:
        return False
    try:
        return finding.state_of(token) == "abnormal"
    except KeyError:
        return False


def confounders_of(finding: Finding) -> tuple[Choice, ...]:
    """Return what may limit this finding, from the catalogue."""
    if finding.scale.id != GRADED_SCALE:
        return ()
    return tuple(item for item in CATALOGUE.confounders if finding.group in item.affects)


def modalities_of(finding: Finding) -> tuple[Choice, ...]:
    """Return how touch may have been tested; nothing for findings that are not a skin area."""
    return MODALITIES if finding.scale.id == "sensation" else ()


def offered_tokens(finding: Finding) -> tuple[str, ...]:
    """Return the tokens that screens offer for a finding; empty for a number."""
    return tuple(value.token for value in finding.scale.values if value.offered)


def _token(finding: Finding, token: str) -> str:
    if finding.scale.kind == "number":
        return _number(finding, token)
    try:
        return str(finding.check(token))
    except FindingError as error:
        offered = offered_tokens(finding)
        words = ", ".join(finding.value_label(value) for value in offered)
        message = f"{finding.label}: that is not one of its values. Choose {words}, or Not tested."
        raise Rejected(message, offered) from error


def _number(finding: Finding, token: str) -> str:
    scale = finding.scale
    limits = f"{scale.minimum:g} to {scale.maximum:g} {scale.unit}"
    message = f"{finding.label}: type a number from {limits}, or choose Not tested."
    if not NUMBER.fullmatch(token.strip()):
        raise Rejected(message)
    text = token.strip().replace(",", ".").replace("−", "-")
    try:
        finding.check(text)
    except FindingError as error:
        raise Rejected(message) from error
    return text


def _check_not_tested(finding: Finding, answer: Answer) -> None:
    if answer.token or answer.confounder or answer.count_as or answer.guard or answer.modality:
        message = f"{finding.label}: “Not tested” cannot stand beside a value. Choose one of the two."
        raise Rejected(message, offered_tokens(finding))
    reasons = tuple(reason.id for reason in CATALOGUE.reasons_not_tested)
    if answer.reason and answer.reason not in reasons:
        message = f"{finding.label}: choose why it was not tested from the list."
        raise Rejected(message, reasons)


def _check_details(finding: Finding, answer: Answer) -> None:
    if answer.reason:
        message = f"{finding.label}: a reason for not testing goes only with “Not tested”."
        raise Rejected(message)
    if answer.confounder or answer.count_as:
        _check_confounder(finding, answer)
    if answer.guard:
        _check_guard(finding, answer)
    if answer.modality and answer.modality not in {item.id for item in modalities_of(finding)}:
        message = f"{finding.label}: choose how touch was tested from the list."
        raise Rejected(message, (item.id for item in modalities_of(finding)))


def _check_confounder(finding: Finding, answer: Answer) -> None:
    if not may_be_confounded(finding, answer.token):
        message = f"{finding.label}: “Limited by” goes only with a grade below full strength."
        raise Rejected(message)
    known = tuple(item.id for item in confounders_of(finding))
    if answer.confounder not in known:
        message = f"{finding.label}: choose what limited the grade from the list."
        raise Rejected(message, known)
    if answer.count_as not in Observation.CountAs.values:
        message = f"{finding.label}: choose whether to count the grade as weak, as normal, or to ignore it."
        raise Rejected(message, Observation.CountAs.values)


def _check_guard(finding: Finding, answer: Answer) -> None:
    if finding.guard is None or not finding.guarded(answer.token):
        message = f"{finding.label}: no question about technique goes with this value. Choose it again."
        raise Rejected(message)
    if answer.guard not in GUARD_ANSWERS:
        message = f"{finding.label}: “{finding.guard.question}” Answer Yes, or No, test again."
        raise Rejected(message, GUARD_ANSWERS)


def _check_note(finding: Finding, note: str) -> None:
    if len(note) > NOTE_LENGTH or CONTROL.search(note):
        message = f"{finding.label}: a note holds at most {NOTE_LENGTH} characters of plain text. Shorten it."
        raise Rejected(message)
