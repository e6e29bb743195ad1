"""A person who touches nothing but the keys: answers wherever the focus comes, and counts every press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from exams.bulk import fill_of, rest_of
from exams.models import Exam
from exams.steps import Step
from localization import CATALOGUE
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

SLOW_MS = 30_000
WHERE = "document.activeElement.closest('fieldset')?.dataset.prefix || document.activeElement.id"
GO_ON = "save-and-continue"
OPEN = """[...document.querySelectorAll("fieldset.side")].filter((side) =>
    side.contains(document.activeElement)
    || !side.querySelector(".pick input:checked") && !side.querySelector("input.num")?.value).length"""
CONSENT = "document.activeElement.name.endsWith('.consent')"
DIGITS = "1234567890"
MODIFIERS = ("Shift", "Control")


@dataclass
class Keyboard:
    """The keys of one page, how often they were pressed, and how many answers that gave on each step."""

    page: Page
    presses: int = 0
    by_step: dict[str, tuple[int, int]] = field(default_factory=dict)

    def press(self, *keys: str) -> None:
        """Press one key after another; each key of a chord such as Control+Enter counts."""
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1 + sum(key.startswith(f"{name}+") for name in MODIFIERS)

    def place(self) -> str:
        """Return where the focus is: finding and side, or the element's id."""
        return str(self.page.evaluate(WHERE))

    def walk_step(
        self, step: Step, values: Mapping[str, str], *, fill: Exam | None = None, reason_key: str = ""
    ) -> None:
        """Answer every row of a step wherever the focus comes by itself, and go on.

        With `fill` the sound side of that exam is filled in where the step offers it; with `reason_key`
        everything on the step is marked as not tested, with the reason that this letter leads to.
        """
        # The step before is left only when all its answers have been saved, one after another.
        expect(Walker(self.page, scripted=True).heading(step.title)).to_be_focused(timeout=SLOW_MS)
        before = self.presses
        filled = fill_of(step, fill) if fill else None
        self.press("Enter")
        if reason_key:
            assert rest_of(step)
            self.press("m", reason_key, "Enter")
        while (place := self.place()) != GO_ON:
            if filled and place == f"{filled.answers[0][0].id}.{filled.side}":
                self.press("f", "Enter")
                filled = None
                assert self.place() != place
            elif self.answer(step, values, place):
                break
        else:
            self.press("Enter")
        self.by_step[step.slug] = (self.presses - before, len(step.places))

    def answer(self, step: Step, values: Mapping[str, str], place: str) -> bool:
        """Answer the row that has the focus: a grade or a word by its digit, a number digit by digit.

        Returns whether that sent the step: Enter after the last answer that is typed or ticked does.
        """
        finding, _, _side = place.partition(".")
        assert finding in step.finding_ids, f"the focus is on {place}"
        scale = CATALOGUE[finding].scale
        token = values[place]
        if scale.kind == "number":
            self.press(*token)
            return self.enter()
        if scale.id == "mrc":
            self.press(*token)
        else:
            offered = [value.token for value in scale.values if value.offered]
            self.press(DIGITS[offered.index(token)])
        if step.consent and self.page.evaluate(CONSENT):
            self.press("Space")
            return self.enter()
        return False

    def enter(self) -> bool:
        """Press Enter; returns whether it sent the step, because nothing else on it is open."""
        is_last = int(self.page.evaluate(OPEN)) == 1
        self.press("Enter")
        return is_last

    @property
    def answers(self) -> int:
        """How many answers the steps so far ask for."""
        return sum(answers for _, answers in self.by_step.values())

    @property
    def ratio(self) -> float:
        """Key presses per answer, over all steps so far."""
        return sum(presses for presses, _ in self.by_step.values()) / self.answers
