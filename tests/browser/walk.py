"""A person at the pages: finds everything by its role and its name, presses it, and reads what comes back."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from exams.steps import Step
from localization import CATALOGUE
from tests import factories

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tests.browser.published import Place

SIDES = {"left": "patient's LEFT", "right": "patient's RIGHT", "bilateral": "Both"}
SAVED = re.compile(r"^Saved \d{2}:\d{2}$")
NOT_DONE = "Not done"


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody at one page of the browser, with or without JavaScript."""

    page: Page
    scripted: bool

    # ------------------------------------------------------------ coming and going

    def sign_in(self, person: User) -> None:
        """Sign in on the real page, with mail address and password."""
        self.page.goto("/")
        self.fill_in_sign_in(person)
        expect(self.page.get_by_text(person.get_full_name(), exact=True)).to_be_visible()

    def fill_in_sign_in(self, person: User) -> None:
        """Sign in where the page already asks for it."""
        expect(self.heading("Sign in")).to_be_visible()
        self.page.get_by_label("Email").fill(person.email)
        self.page.get_by_label("Password").fill(factories.PASSWORD)
        self.press("Sign in")

    def sign_out(self) -> None:
        """Go home and sign out."""
        self.page.goto("/")
        self.press("Sign out")
        expect(self.heading("Sign in")).to_be_visible()

    def leave_exam(self) -> None:
        """Leave by the banner's link; it ends on the patient's page."""
        self.page.get_by_role("link", name="Leave exam").first.click()
        expect(self.page.get_by_role("heading", name="Exams")).to_be_visible()

    # ------------------------------------------------------------ patient and exam

    def add_patient(self, *, family: str, given: str, born: date, sex: str, number: str) -> None:
        """Add a patient from the home page."""
        self.page.goto("/")
        self.page.get_by_role("link", name="Start exam").click()
        self.page.get_by_role("link", name="Add a patient").click()
        self.page.get_by_label("Family name").fill(family)
        self.page.get_by_label("Given name").fill(given)
        self.page.get_by_label("Birth date").fill(born.isoformat())
        self.page.get_by_role("radio", name=sex.capitalize(), exact=True).check()
        self.page.get_by_label("number", exact=False).fill(number)
        self.press("Add patient")
        expect(self.heading(f"{family}, {given}")).to_be_visible()

    def start_exam(
        self, *, protocol: str, side: str, worse: str = "Both alike", compared: str = "Neither leg is normal"
    ) -> None:
        """Start an exam from the patient's page; the first step opens. Two feet are asked for more."""
        self.page.get_by_role("link", name="Start exam").click()
        self.page.get_by_role("radio", name=re.compile(SIDES[side], re.IGNORECASE)).check()
        if side == "bilateral":
            for question, choice in (("Which foot", worse), ("Which leg", compared)):
                group = self.page.get_by_role("group", name=re.compile(f"^{question}"))
                group.get_by_role("radio", name=choice).check()
        self.page.get_by_role("radio", name=re.compile(f"^{protocol}", re.IGNORECASE)).check()
        self.press("Start the exam")

    # ------------------------------------------------------------ a step

    def answers(self, finding: str, side: str) -> Locator:
        """Return the group of keys for one finding on one side, by its spoken name."""
        label = re.escape(CATALOGUE[finding].label)
        name = rf"^{label},.*{SIDES[side]}" if side else rf"^{label}\b"
        return self.page.get_by_role("group", name=re.compile(name)).first

    def key(self, finding: str, side: str, token: str) -> Locator:
        """Return the one key of a choice."""
        value = CATALOGUE[finding].scale.value(token)
        label, meaning = re.escape(value.label), re.escape(value.meaning)
        # A meaning that begins with the label is the whole name.
        whole = re.escape(value.meaning[:1].upper() + value.meaning[1:])
        name = rf"^({label}(,? {meaning})?|{whole})$"
        return self.answers(finding, side).get_by_role("radio", name=re.compile(name))

    def answer(self, finding: str, side: str, token: str) -> None:
        """Give one answer: press its key, or type the number."""
        if CATALOGUE[finding].scale.kind == "number":
            self.answers(finding, side).get_by_role("textbox").first.fill(token)
        else:
            self.key(finding, side, token).check()

    def not_tested(self, finding: str, side: str, reason: str = NOT_DONE) -> None:
        """Say that something was not tested, and why."""
        group = self.answers(finding, side)
        typed = CATALOGUE[finding].scale.kind == "number"
        group.get_by_role("checkbox" if typed else "radio", name=re.compile("^Not (tested|asked)")).check()
        group.get_by_label(re.compile("^Not (tested|asked) because")).select_option(label=reason)

    def give(self, finding: str, side: str, token: str | None) -> None:
        """Give an answer, or say that it was not done."""
        if token:
            self.answer(finding, side, token)
        else:
            self.not_tested(finding, side)

    def fill_step(self, step: Step, values: Mapping[Place, str], required: Collection[str]) -> None:
        """Enter what a case reports; say of each required finding it does not report that it was not done."""
        expect(self.heading(step.title)).to_be_visible()
        for finding, side in step.places:
            token = values.get((finding, side))
            if token or finding in required:
                self.give(finding, side, token)

    def fill_step_watching(self, step: Step, values: Mapping[Place, str], required: Collection[str]) -> None:
        """The same with JavaScript: each answer is saved and drawn at once, and all stay after a reload."""
        expect(self.heading(step.title)).to_be_visible()
        for finding, side in step.places:
            token = values.get((finding, side))
            if token or finding in required:
                with self.saving():
                    self.give(finding, side, token)
        seen = self.panel().inner_text()
        self.page.reload()
        assert self.panel().inner_text() == seen
        for (finding, side), token in values.items():
            if (finding, side) in step.places:
                expect(self.key(finding, side, token)).to_be_checked()

    @contextmanager
    def saving(self) -> Generator[None]:
        """Wait until what is done meanwhile is saved: the label says so, and the panel is a newer one."""
        before = self.panel_revision()
        with self.page.expect_response(lambda got: got.url.endswith("/answers/") and got.ok):
            yield
        expect(self.save_label()).to_have_text(SAVED)
        expect(self.panel()).not_to_have_attribute("data-revision", before)

    def go_on(self) -> None:
        """Save and continue."""
        self.press("Save and continue")

    # ------------------------------------------------------------ the end of an exam

    def give_impression(self, site: str, text: str) -> None:
        """Write the own impression and go on to the check page."""
        expect(self.heading("My impression")).to_be_visible()
        self.page.get_by_role("radio", name=site, exact=True).check()
        self.page.get_by_label("in your own words").fill(text)
        self.go_on()
        expect(self.heading("Check your answers")).to_be_visible()

    def sign(self, side: str, password: str = factories.PASSWORD) -> None:
        """Confirm patient and side anew, and sign."""
        self.page.get_by_role("checkbox", name=re.compile("^I examined")).check()
        self.page.get_by_role("radio", name=re.compile(SIDES[side], re.IGNORECASE)).check()
        self.page.get_by_label("Your password").fill(password)
        self.press("Sign and send to supervisor")

    def countersign(self, decision: str | re.Pattern[str], *, site: str = "", comment: str = "") -> None:
        """Decide as the supervisor, under the password."""
        self.page.get_by_role("radio", name=decision, exact=True).check()
        if site:
            self.page.get_by_label("Your own level").select_option(label=site)
        self.page.get_by_label("Comment").fill(comment)
        self.page.get_by_label("Your password").fill(factories.PASSWORD)
        self.press("Countersign")

    # ------------------------------------------------------------ reading

    def press(self, name: str) -> None:
        """Press the button with exactly this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def heading(self, name: str) -> Locator:
        """Return the page's own heading, when it says exactly this."""
        return self.page.get_by_role("heading", name=name, exact=True, level=1)

    def main(self) -> Locator:
        """Return the page's own part, without what frames it."""
        return self.page.get_by_role("main")

    def save_label(self) -> Locator:
        """Return what the banner says about saving."""
        return self.page.get_by_role("banner").get_by_text(
            re.compile("Saved|Saving|Not saved|Sign in to go on")
        )

    def panel(self) -> Locator:
        """Return what the page says about the level so far."""
        beside = self.page.get_by_role("complementary", name="Localization so far")
        return beside.locator("[data-revision]")

    def panel_revision(self) -> str:
        """Return which answer the panel was made after."""
        return self.panel().get_attribute("data-revision") or ""

    def row(self, finding: str) -> list[str]:
        """Return the cells of a finding's row in a table: LEFT before RIGHT, or the one value."""
        label = self.page.get_by_role("rowheader", name=CATALOGUE[finding].label, exact=True)
        cells = self.page.get_by_role("row").filter(has=label).get_by_role("cell").all_inner_texts()
        return [" ".join(cell.split()) for cell in cells]

    def read_back(self, finding: str) -> list[str]:
        """Return a finding's values on the check page, where the last cell leads to changing them."""
        *values, change = self.row(finding)
        assert change.startswith("Change")
        return values
