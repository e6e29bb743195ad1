"""Rebuilds what an exam held at any time from the audit trail alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from cryptography.fernet import InvalidToken

from clinics.audit import values_of
from clinics.models import AuditEvent
from exams.answer import Answer
from exams.models import Exam
from exams.services.signing import NOT_DONE

Place = tuple[str, str]
KEPT = frozenset(one.name for one in fields(Answer)) - {"cleared"}
# The acts that change what an exam holds.
CHANGES = ("answer.saved", "answer.cleared", "answers.not_done", "exam.reopened")


class NotReplayed(Exception):  # noqa: N818 - an outcome, told as a page
    """The trail does not give this exam's values: they were erased on request, or are not what was sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the exam held just after one event of the trail."""

    event: AuditEvent
    answers: Mapping[Place, Answer]


def moments(exam: Exam) -> Iterator[Moment]:
    """Yield what the exam held after each change, in the order in which they happened.

    Raises NotReplayed when a granted erasure took the values out, or they are not what was sealed.
    """
    held: dict[Place, Answer] = {}
    for event in _events(exam):
        values = _values(exam, event)
        if _is_about(exam, event, values):
            _apply(event.act, values, held)
            yield Moment(event=event, answers=dict(held))


def replay(exam: Exam) -> Mapping[Place, Answer]:
    """Return what the exam holds, from the trail alone; empty when nothing was ever recorded."""
    last: Mapping[Place, Answer] = {}
    for moment in moments(exam):
        last = moment.answers
    return last


def _events(exam: Exam) -> Sequence[AuditEvent]:
    about = AuditEvent.objects.filter(clinic=exam.clinic_id, subject=exam.patient_id, act__in=CHANGES)
    return tuple(about.select_related("user").order_by("sequence"))


def _values(exam: Exam, event: AuditEvent) -> Mapping[str, Any]:
    try:
        values = values_of(event)
    except InvalidToken as error:
        raise NotReplayed(str(exam.pk)) from error
    if values is None:
        raise NotReplayed(str(exam.pk))
    return values


def _is_about(exam: Exam, event: AuditEvent, values: Mapping[str, Any]) -> bool:
    return str(values.get("exam", event.object_id)) == str(exam.pk)


def _apply(act: str, values: Mapping[str, Any], held: dict[Place, Answer]) -> None:
    """Change `held` as the event says that the exam was changed."""
    if act == "exam.reopened":
        held.update({(said["finding"], said["side"]): _answer(said) for said in values["answers"]})
    elif act == "answers.not_done":
        for number, (finding, side) in enumerate(values["places"], start=1):
            held[finding, side] = Answer(
                finding=finding,
                side=side,
                not_tested=True,
                reason=values.get("reason", NOT_DONE),
                revision=values["after"] + number,
            )
    elif act == "answer.cleared":
        held.pop((values["finding"], values["side"]), None)
    else:
        held[values["finding"], values["side"]] = _answer({**values["new"], **values})


def _answer(said: Mapping[str, Any]) -> Answer:
    return Answer(**{name: value for name, value in said.items() if name in KEPT})
