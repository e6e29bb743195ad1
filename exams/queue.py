"""What waits for a supervisor, as it is filtered and counted; nobody's conclusion is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.utils import timezone

from clinics.desk import Desk
from exams.models import Exam, Opinion, SignedReport
from exams.services.asked import open_questions

ANY = ("", "Any")
NEW, LOOKED, ASKED = "new", "looked", "asked"
STATES = {
    NEW: "Not looked at by you",
    LOOKED: "Looked at, not decided",
    ASKED: "A question is open",
}
UNMET, RAISED, NONE = "unmet", "raised", "none"
FLAGS = {UNMET: "Nobody recorded whom they told", RAISED: "Any red flag", NONE: "No red flag"}
# How long an exam has waited at least, in days.
WAITED = {"1": "A day or longer", "3": "3 days or longer", "7": "7 days or longer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedExam:
    """A signed exam that waits for a supervisor; nobody's conclusion is here.

    `is_unmet` says that of one of its red flags nobody recorded whom they told. `state` is a key of STATES.
    """

    exam: Exam
    has_red_flag: bool
    is_unmet: bool
    just_now: bool
    state: str

    @property
    def state_words(self) -> str:
        """How far this supervisor came with it."""
        return STATES[self.state]

    def has_waited(self, days: int, now: datetime) -> bool:
        """Whether it was sent at least so many days ago."""
        return self.exam.submitted is not None and self.exam.submitted <= now - timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many exams wait, how many of them with a red flag, and how many with one that nobody met."""

    waiting: int
    flagged: int
    unmet: int


class QueueFilter(forms.Form):
    """Which of the waiting exams to list. Sent by GET: nothing in it says who a patient is."""

    state = forms.ChoiceField(label="State", required=False)
    examiner = forms.ChoiceField(label="Examiner", required=False)
    flag = forms.ChoiceField(label="Red flag", required=False)
    waited = forms.ChoiceField(label="Waits for", required=False)

    def __init__(self, rows: Sequence[QueuedExam], said: Mapping[str, Any] | None = None) -> None:
        super().__init__(said)
        people = {str(row.exam.examiner_id): row.exam.examiner.get_full_name() for row in rows}
        now = timezone.now()
        self._offer("state", STATES, Counter(row.state for row in rows))
        self._offer("examiner", people, Counter(str(row.exam.examiner_id) for row in rows))
        self._offer("flag", FLAGS, {kind: sum(_has_flag(row, kind) for row in rows) for kind in FLAGS})
        waiting = {days: sum(row.has_waited(int(days), now) for row in rows) for days in WAITED}
        self._offer("waited", WAITED, waiting)

    @property
    def asks(self) -> bool:
        """Whether anything is chosen at all."""
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def keep(self, rows: Sequence[QueuedExam]) -> list[QueuedExam]:
        """Return the rows that were asked for; a choice that is not offered any more keeps none out."""
        self.full_clean()
        said, now = getattr(self, "cleaned_data", {}), timezone.now()
        return [row for row in rows if self._keeps(row, said, now)]

    def _offer(self, name: str, choices: Mapping[str, str], counts: Mapping[str, int]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [ANY, *((key, f"{words} ({counts[key]})") for key, words in choices.items())]
        field.widget.attrs["class"] = "form-select"

    @staticmethod
    def _keeps(row: QueuedExam, said: Mapping[str, str], now: datetime) -> bool:
        return (
            said.get("state", "") in {"", row.state}
            and said.get("examiner", "") in {"", str(row.exam.examiner_id)}
            and (not said.get("flag") or _has_flag(row, said["flag"]))
            and (not said.get("waited") or row.has_waited(int(said["waited"]), now))
        )


def review_queue(desk: Desk) -> list[QueuedExam]:
    """Return what others signed and this supervisor may review, in a fixed number of queries.

    Red flags that nobody met come first, then other red flags, then the longest wait.
    """
    signed = SignedReport.objects.filter(meaning=SignedReport.Meaning.EXAMINED).only("exam_id", "document")
    waiting = (
        Exam.objects.of(desk.clinic)
        .awaiting_review()
        .exclude(examiner=desk.user)
        .select_related("patient", "examiner")
        .prefetch_related("red_flag_actions", Prefetch("signed_reports", queryset=signed))
        .order_by("submitted", "pk")
    )
    exams = list(waiting)
    own = Opinion.objects.filter(clinic=desk.clinic, voice=Opinion.Voice.SUPERVISOR, author=desk.user)
    looked = set(own.filter(exam__in=[exam.pk for exam in exams]).values_list("exam_id", flat=True))
    asked = open_questions(desk.clinic, [exam.series for exam in exams])
    rows = [_queued(exam, exam.pk in looked, asked[exam.series]) for exam in exams]
    return sorted(rows, key=lambda row: (not row.is_unmet, not row.has_red_flag))


def counts_of(rows: Sequence[QueuedExam]) -> Counts:
    """Return how many of the rows wait, with a red flag, and with one that nobody met."""
    return Counts(
        waiting=len(rows),
        flagged=sum(row.has_red_flag for row in rows),
        unmet=sum(row.is_unmet for row in rows),
    )


def _has_flag(row: QueuedExam, kind: str) -> bool:
    return {UNMET: row.is_unmet, RAISED: row.has_red_flag, NONE: not row.has_red_flag}[kind]


def _queued(exam: Exam, looked: bool, questions: int) -> QueuedExam:
    """Return the row of one exam; a report that cannot be read comes first as well."""
    documents: list[dict[str, Any]] = [json.loads(signed.document) for signed in exam.signed_reports.all()]
    raised = {flag["id"] for document in documents for flag in document["red_flags"]["flags"]}
    met = {action.flag for action in exam.red_flag_actions.all()}
    minute_ago = timezone.now() - timedelta(minutes=1)
    state = ASKED if questions else LOOKED if looked else NEW
    return QueuedExam(
        exam=exam,
        has_red_flag=not documents or bool(raised),
        is_unmet=bool(raised - met),
        just_now=exam.submitted is not None and exam.submitted > minute_ago,
        state=state,
    )
