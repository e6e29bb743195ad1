"""What stands above every page of an exam: red flags, what was done about each, what was not asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from exams.flag_form import FlagForm
from exams.models import RedFlagAction
from exams.services.localizing import Localization
from exams.sheet import Sheet
from exams.steps import sides_of
from localization import CATALOGUE, Finding, RedFlag, Tripwire, red_flag_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFlag:
    """A raised red flag and everything that was done about it, in its order."""

    flag: RedFlag
    actions: tuple[RedFlagAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagBar:
    """The red flags of the exam, the caution about brain or cord, and the red-flag questions without a value.

    `unasked` have no answer at all yet; `marked` were marked as not asked or not tested.
    """

    flags: tuple[ShownFlag, ...]
    tripwire: Tripwire | None
    unasked: tuple[Finding, ...]
    marked: tuple[Finding, ...]
    asked_count: int
    failed: bool
    form: FlagForm

    @property
    def all_met(self) -> bool:
        """Whether it is recorded of every red flag who was told."""
        return all(shown.actions for shown in self.flags)

    @property
    def all_asked(self) -> bool:
        """Whether every red-flag question has a value."""
        return not self.unasked and not self.marked


def flag_bar(sheet: Sheet, reading: Localization, said: QueryDict | None) -> FlagBar:
    """Return the bar of an exam; `said` is what was sent about its flags, to be shown again."""
    done = tuple(sheet.exam.red_flag_actions.select_related("by"))
    flags = tuple(
        ShownFlag(flag=flag, actions=tuple(action for action in done if action.flag == flag.id))
        for flag in reading.red_flags
    )
    questions = red_flag_questions()
    open_questions = [CATALOGUE[name] for name in reading.flags_unasked]
    marked = tuple(
        finding
        for finding in open_questions
        if all((finding.id, side) in sheet.stored for side in sides_of(finding))
    )
    return FlagBar(
        flags=flags,
        tripwire=reading.tripwire,
        unasked=tuple(finding for finding in open_questions if finding not in marked),
        marked=marked,
        asked_count=len(questions) - len(reading.flags_unasked),
        failed=reading.flags_failed,
        form=FlagForm(
            said,
            raised=[(shown.flag.id, shown.flag.label) for shown in flags],
            unmet=[shown.flag.id for shown in flags if not shown.actions],
        ),
    )
