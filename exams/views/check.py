"""Shows everything recorded, what is open first, and asks for the signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest
from exams.access import draft_for
from exams.answer import answer_of
from exams.forms import SignForm
from exams.frame import ExamFrame, finding_url, frame_of, step_url
from exams.htmx import page
from exams.models import Exam, Observation, Opinion
from exams.previous import Before, Change, previous_values
from exams.reading import ShownValue, shown
from exams.review_forms import NOT_PLACED, SITE_CHOICES
from exams.services.afterwards import amended_because
from exams.services.asked import open_questions
from exams.services.checking import OpenAnswer, open_in
from exams.services.exams import impression_of
from exams.services.review import sent_back
from exams.sheet import Place, Sheet, sheet_of
from exams.steps import CHECK, IMPRESSION, Step, sides_of, step_asking
from localization import SITES, Finding

RETURN = f"return={CHECK}"

# A longer list of open answers names the steps where they stand, a shorter one each answer.
LISTED_ONE_BY_ONE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """One open answer, or what is open on one step, and where to answer it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One finding read back, LEFT before RIGHT, how each differs from before, and where to change it."""

    finding: Finding
    values: tuple[ShownValue, ...]
    changes: tuple[Change | None, ...]
    change_url: str

    @property
    def cells(self) -> tuple[tuple[ShownValue, Change | None], ...]:
        """Each value with how it differs from the previous exam's."""
        return tuple(zip(self.values, self.changes, strict=True))

    @property
    def is_open(self) -> bool:
        """Whether a side has no answer."""
        return any(value.state == "open" for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSection:
    """One step read back."""

    step: Step
    url: str
    rows: tuple[CheckRow, ...]

    @property
    def recorded(self) -> int:
        """How many answers have a value."""
        return self._count("abnormal", "normal", "neutral")

    @property
    def not_tested(self) -> int:
        """How many answers say that it was not tested."""
        return self._count("not_tested")

    @property
    def total(self) -> int:
        """How many answers the step asks for."""
        return sum(len(row.values) for row in self.rows)

    def _count(self, *states: str) -> int:
        return sum(value.state in states for row in self.rows for value in row.values)


@clinic_page(role="examine")
@require_safe
def check(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show the check page of an own draft."""
    draft = draft_for(request.desk, exam_id)
    record_view(request.desk, draft, subject=draft.patient_id)
    return check_page(request, draft)


def check_page(
    request: ClinicRequest,
    exam: Exam,
    *,
    form: SignForm | None = None,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the check page; a signature that was refused shows its form and errors again."""
    context = check_context(request, exam, form=form, errors=errors)
    return page(request, "exams/check.html", context, status=status)


def check_context(
    request: ClinicRequest, exam: Exam, *, form: SignForm | None, errors: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Return everything the check page shows."""
    sheet = sheet_of(exam)
    frame: ExamFrame = frame_of(request.desk, sheet, CHECK)
    found = open_in(sheet)
    opinion = impression_of(exam)
    return {
        "frame": frame,
        "step": sheet.steps[sheet.number_of(CHECK) - 1],
        "number": frame.number,
        "count": frame.count,
        "back_url": step_url(exam, IMPRESSION),
        "open_answers": found,
        "open_count": sheet.open_count,
        "required_open": _links(sheet, [item for item in found if item.required]),
        "rest_open": _links(sheet, [item for item in found if not item.required]),
        "rest_count": sum(not item.required for item in found),
        "sections": _sections(sheet),
        "opinion": opinion,
        "opinion_site": _site_words(opinion),
        "impression_url": step_url(exam, IMPRESSION),
        "sign_form": form or SignForm(),
        "sign_url": reverse("exams:sign", args=[exam.pk]),
        "returned": sent_back(exam),
        "amended": amended_because(exam),
        "questions": open_questions(exam.clinic, [exam.series])[exam.series],
        "error_summary": list(errors),
    }


def open_url(sheet: Sheet, finding: str, side: str = "") -> str:
    """Return where something open is answered, with the way back to this page."""
    if not finding:
        return step_url(sheet.exam, IMPRESSION)
    return finding_url(sheet, finding, side=side, query=RETURN)


def _links(sheet: Sheet, items: Sequence[OpenAnswer]) -> tuple[OpenLink, ...]:
    """Return a link to each open answer; when they are many, one to each step's first."""
    if len(items) <= LISTED_ONE_BY_ONE:
        return tuple(_link(sheet, item) for item in items)
    steps: dict[str, list[OpenAnswer]] = {}
    for item in items:
        steps.setdefault(step_asking(item.finding).title if item.finding else "", []).append(item)
    return tuple(_link(sheet, found[0], _counted(title, len(found))) for title, found in steps.items())


def _counted(title: str, count: int) -> str:
    """Return how many answers a step still needs; nothing for what stands on no step."""
    return f"{title}: {count} answer{'' if count == 1 else 's'} open" if title else ""


def _link(sheet: Sheet, item: OpenAnswer, text: str = "") -> OpenLink:
    return OpenLink(href=open_url(sheet, item.finding, item.side), text=text or item.text)


def _sections(sheet: Sheet) -> tuple[CheckSection, ...]:
    previous = previous_values(sheet.exam)
    return tuple(_section(sheet, step, previous) for step in sheet.steps if step.finding_ids)


def _section(sheet: Sheet, step: Step, previous: Mapping[Place, Before]) -> CheckSection:
    return CheckSection(
        step=step,
        url=f"{step_url(sheet.exam, step.slug)}?{RETURN}",
        rows=tuple(_row(sheet, finding, previous) for finding in step.findings),
    )


def _row(sheet: Sheet, finding: Finding, previous: Mapping[Place, Before]) -> CheckRow:
    places = tuple((finding.id, side) for side in sides_of(finding))
    return CheckRow(
        finding=finding,
        values=tuple(shown(finding, place[1], sheet.stored.get(place)) for place in places),
        changes=tuple(_change(previous.get(place), sheet.stored.get(place)) for place in places),
        change_url=open_url(sheet, finding.id),
    )


def _change(before: Before | None, row: Observation | None) -> Change | None:
    return before.change_to(answer_of(row)) if before and row else None


def _site_words(opinion: Opinion | None) -> str:
    if opinion is None:
        return ""
    return SITES[opinion.site].label if opinion.site else dict(SITE_CHOICES)[NOT_PLACED]
