"""The alarms of a report: red flags, what was done about them and not asked, and the caution beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from exams.document.tables import NOT_HELD
from exams.document.words import listed, moment, text, words
from exams.steps import sides_of
from localization import CATALOGUE, PHRASES, RedFlag, red_flag_findings

if TYPE_CHECKING:
    from exams.document import Reading
    from exams.document.answers import Answers
    from exams.document.references import References
    from exams.models import Exam, RedFlagAction, TripwireClosure
    from localization import Finding, Tripwire


def red_flag_block(exam: Exam, reading: Reading, answers: Answers, references: References) -> dict[str, Any]:
    """Return the block that opens the report.

    A question or sign counts as open until each side has a value; all are open when the rules failed.
    """
    read, flags = red_flag_findings(), reading.red_flags
    unasked = {name: _open_sides(CATALOGUE[name], {} if reading.flags_failed else answers) for name in read}
    unasked = {name: sides for name, sides in unasked.items() if sides}
    actions = list(exam.red_flag_actions.select_related("by"))
    return {
        "lead": PHRASES["red_flags_lead"],
        "flags": [_flag(exam, flag, actions, references) for flag in flags],
        "summary": _summary(flags, unasked, len(read)),
        "unasked": list(unasked),
        "pathway": exam.clinic.urgent_pathway,
        "telephone": exam.clinic.urgent_telephone,
    }


def tripwire_block(tripwire: Tripwire | None, references: References) -> dict[str, Any]:
    """Return the caution about brain or cord; empty when no sign of them was recorded."""
    if tripwire is None:
        return {}
    return {
        "label": tripwire.label,
        "text": tripwire.text,
        "findings": [cited.finding for cited in tripwire.cited],
        "sources": references.cite(tripwire.source),
    }


def closed(block: dict[str, Any], closure: TripwireClosure | None) -> dict[str, Any]:
    """Return the block of the caution with who closed it, when and why; the findings that raised it stay."""
    if closure is None or not block:
        return block
    return block | {
        "closed": text(
            "caution_closed",
            name=closure.by.get_full_name(),
            time=moment(closure.at, closure.clinic),
            reason=closure.reason.rstrip("."),
        )
    }


def with_later_actions(document: dict[str, Any], exam: Exam) -> dict[str, Any]:
    """Return the signed document with what was done about its red flags after the examiner signed it."""
    signed = datetime.fromisoformat(document["signatures"][0]["at"])
    later = [action for action in exam.red_flag_actions.select_related("by") if action.at > signed]
    if not later:
        return document
    flags = [
        flag | {"actions": [*flag["actions"], *(_done(exam, one) for one in later if one.flag == flag["id"])]}
        for flag in document["red_flags"]["flags"]
    ]
    return document | {"red_flags": document["red_flags"] | {"flags": flags}}


def _open_sides(finding: Finding, answers: Answers) -> list[str]:
    """Return the sides of a question or sign that have no value that counts."""
    found = {side: answers.get((finding.id, side)) for side in sides_of(finding)}
    return [
        side
        for side, answer in found.items()
        if answer is None or answer.not_tested or answer.guard == NOT_HELD
    ]


def _named(finding: Finding, open_sides: Sequence[str]) -> str:
    """Return a finding's name, with the side when only one of its sides is open."""
    if len(open_sides) == len(sides_of(finding)):
        return finding.label
    return text("one_side", finding=finding.label, side=words()["side"][open_sides[0]])


def _summary(flags: Sequence[RedFlag], unasked: Mapping[str, Sequence[str]], read: int) -> str:
    names = listed([_named(CATALOGUE[name], sides) for name, sides in unasked.items()])
    if flags:
        return text("not_asked", not_asked=names) if names else ""
    if names:
        return str(PHRASES["red_flags_none_some_unasked"]).format(not_asked=names)
    return str(PHRASES["red_flags_none_all_asked"]).format(n=read)


def _flag(
    exam: Exam, flag: RedFlag, actions: Sequence[RedFlagAction], references: References
) -> dict[str, Any]:
    return {
        "id": flag.id,
        "label": flag.label,
        "urgency": flag.urgency_label,
        "banner": flag.banner,
        "can_mean": flag.can_mean,
        "say": flag.say,
        "findings": [cited.finding for cited in flag.cited],
        "sources": references.cite(flag.source),
        "actions": [_done(exam, action) for action in actions if action.flag == flag.id],
    }


def _done(exam: Exam, action: RedFlagAction) -> str:
    """Return what was done about a red flag; an older record does not say who was told."""
    name, time = action.by.get_full_name(), moment(action.at, exam.clinic)
    if not action.told or action.told_at is None:
        return str(PHRASES["red_flag_action"]).format(name=name, time=time, action=action.action)
    told_at, agreed = moment(action.told_at, exam.clinic), action.action.rstrip(".")
    return text("flag_told", whom=action.whom, told_at=told_at, agreed=agreed, name=name, time=time)
