"""Whole exams over a network that loses three in ten requests and three in ten answers: all arrive, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Error, Page, Request, expect

from clinics.audit import verify_chain
from clinics.models import AuditEvent
from exams.answer import offered_tokens
from exams.models import Exam, Observation, SavedRequest
from exams.rows import prefix_of
from exams.steps import Step, steps_for
from localization import CATALOGUE
from tests import factories
from tests.browser.lossy import LossyProxy
from tests.browser.screens import sign_in, step_path
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.browser.published import Place

PATIENCE = 240  # seconds after which somebody would give up
LONG_WAIT = 2500  # ms after which a person reloads; the browser itself may repeat a lost page meanwhile
ROUNDS = 4  # of requests that a page takes, one after another
SAMPLES = 5  # looks at the label for each answer
PRESS_AGAIN = """(address) => {
    if (location.pathname.endsWith(address) && document.querySelector("#save-state .save.ok")) {
        document.querySelector("#save-and-continue").click();
    }
}"""
SCRIPTS_CAME = "() => window.footdropSaving && document.readyState === 'complete'"
Script = dict["Place", str]


def script_of(steps: tuple[Step, ...], chance: Random) -> Script:
    """Return a value for every question of these steps."""
    return {place: token_for(place[0], chance) for step in steps for place in step.places}


def token_for(finding: str, chance: Random) -> str:
    scale = CATALOGUE[finding].scale
    if scale.kind == "number":
        assert scale.minimum is not None
        assert scale.maximum is not None
        return str(chance.randint(round(scale.minimum) + 1, round(scale.maximum) - 1))
    return chance.choice(offered_tokens(CATALOGUE[finding]))


class Examiner:
    """Somebody who enters an exam, and presses again or reloads when a page does not come."""

    def __init__(
        self, page: Page, draft: Exam, script: Mapping[Place, str], chance: Random, delay: float
    ) -> None:
        self.page = page
        self.wait = LONG_WAIT + ROUNDS * delay * 1000
        self.draft = draft
        self.script = script
        self.chance = chance
        self.walker = Walker(page, scripted=True)
        self.given: list[Place] = []
        self.bodies: dict[str, set[str]] = {}
        self.looks = 0
        self.lies: list[str] = []
        page.on("request", self._remember)

    def _remember(self, request: Request) -> None:
        """Keep what each key was sent with."""
        if request.url.endswith("/answers/") and request.post_data:
            key = parse_qs(request.post_data)["key"][0]
            self.bodies.setdefault(key, set()).add(request.post_data)

    def open(self, address: str) -> None:
        """Reload until the page comes."""
        self.until(lambda: self.page.goto(address, timeout=self.wait))

    def until(self, act: Callable[[], object]) -> None:
        """Do something again until the network lets it through."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                act()
            except Error as error:
                if not any(words in str(error) for words in ("net::ERR_", "interrupted", "Timeout")):
                    raise
            else:
                return
        raise AssertionError("nothing came through")

    def enter(self, step: Step) -> None:
        """Answer a step and go on from it, whatever it takes."""
        address = step_path(self.draft, step.slug)
        self.arrive(address, step.title)
        for place in step.places:
            self.answer(*place, self.script[place])
            self.given.append(place)
            self.look()
        self.go_on(address)

    def arrive(self, address: str, title: str) -> None:
        """Reload until the whole step stands on the page: without its scripts it looks broken, too."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(AssertionError, Error):
                expect(self.walker.heading(title)).to_be_visible(timeout=self.wait)
                self.page.wait_for_function(SCRIPTS_CAME, timeout=self.wait)
                return
            self.open(address)
        raise AssertionError("the step never came")

    def answer(self, finding: str, side: str, token: str) -> None:
        """Give one answer by its field: finding a key by its spoken name would cost more than the saving."""
        field = f"[name='{prefix_of(finding, side)}.token']"
        if CATALOGUE[finding].scale.kind == "number":
            self.page.locator(f"input{field}[type=text]").fill(token)
        else:
            self.page.locator(f"input{field}[value='{token}']").check()

    def look(self) -> None:
        """Compare the label with the record at some instants: all but the last answer have settled."""
        for _ in range(SAMPLES):
            self.page.wait_for_timeout(self.chance.randint(0, 30))
            words = self.page.locator("#save-state").inner_text()
            self.looks += 1
            if words.startswith("Saved") and (missing := self.missing(self.given[:-1])):
                self.lies.append(f"{words!r} while {missing} is not in the record")

    def missing(self, places: list[Place]) -> list[Place]:
        rows = Observation.objects.filter(exam=self.draft).values_list("finding", "side", "token")
        stored = {(finding, side): token for finding, side, token in rows}
        return [place for place in places if stored.get(place) != self.script[place]]

    def go_on(self, address: str) -> None:
        """Press Save and continue; again when nothing waits; reload where the browser has no page."""
        end = time.monotonic() + PATIENCE
        self.press()
        while not self.has_left(address):
            assert time.monotonic() < end, self.page.locator("#save-state").inner_text()
            if self.page.url.startswith("chrome-error:"):
                self.open(address)
                self.press()
            else:
                # A page that goes just now has nothing left to be pressed.
                with suppress(Error):
                    self.press_on(address)

    def has_left(self, address: str) -> bool:
        with suppress(Error):
            self.page.wait_for_url(lambda url: address not in url, timeout=150, wait_until="commit")
        return address not in self.page.url and not self.page.url.startswith("chrome-error:")

    def press_on(self, address: str) -> None:
        """Let the waits between two attempts pass, then press what a person would press on this page."""
        self.page.clock.run_for(1000)
        if self.page.locator("#save-and-continue[aria-disabled]").count():
            self.page.get_by_role("button", name="Try now").click(timeout=500)
        else:
            # In one breath: the next page may come at any instant, and its button is not meant.
            self.page.evaluate(PRESS_AGAIN, address)

    def press(self) -> None:
        """Press Save and continue, unless it is off: then the answers that wait come first."""
        if not self.page.locator("#save-and-continue[aria-disabled]").count():
            with suppress(Error):
                self.page.locator("#save-and-continue").click(timeout=500)


@pytest.fixture
def examine(
    browser: Browser, live_server: LiveServer, owner: User
) -> Iterator[Callable[..., tuple[Examiner, LossyProxy]]]:
    """Enter a whole exam behind a network of its own; returns who entered it and the network."""
    with ExitStack() as stack:

        def enter(
            protocol: str, seed: int, spells: tuple[float, ...] = (), delay: float = 0.0
        ) -> tuple[Examiner, LossyProxy]:
            draft = factories.exam(factories.desk(owner), protocol=protocol)
            proxy = stack.enter_context(LossyProxy(live_server.url, seed, delay=delay).running())
            page = browser.new_page(base_url=proxy.url, locale="en-GB")
            stack.callback(page.close)
            page.set_default_timeout(15_000)
            page.clock.install()
            steps = tuple(step for step in steps_for(protocol) if step.finding_ids)
            chance = Random(seed)  # noqa: S311 - a game of chance that can be played again
            examiner = Examiner(page, draft, script_of(steps, chance), chance, delay)
            examiner.until(lambda: sign_in(page, owner))
            away = dict(zip(chance.sample(range(len(steps)), len(spells)), spells, strict=True))
            for number, step in enumerate(steps):
                proxy.go_offline(away.get(number, 0))
                examiner.enter(step)
            return examiner, proxy

        yield enter


def check_record(examiner: Examiner) -> None:
    """The record is the script: every answer once, each with one event, each sent under one key."""
    script, draft = examiner.script, examiner.draft
    rows = Observation.objects.filter(exam=draft)
    assert {(row.finding, row.side): row.token for row in rows} == script
    assert rows.count() == len(script)
    events = AuditEvent.objects.filter(act="answer.saved", object_id__in=[str(row.pk) for row in rows])
    assert events.count() == len(script)
    assert len(examiner.bodies) == len(script), "each answer is sent under one key, however often"
    assert all(len(bodies) == 1 for bodies in examiner.bodies.values())
    assert SavedRequest.objects.filter(exam=draft).count() == len(script)
    assert verify_chain(draft.clinic) is None
    assert examiner.lies == []


@pytest.mark.parametrize("seed", [1])
def test_C05_C06_a_core_exam_over_a_lossy_network_ends_complete_and_the_label_is_true(
    examine: Callable[..., tuple[Examiner, LossyProxy]], seed: int
) -> None:
    examiner, proxy = examine("core", seed, spells=(0.4, 0.4, 0.4))
    check_record(examiner)
    assert examiner.looks >= 100
    assert proxy.lost_before >= 5
    assert proxy.lost_behind >= 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 150))
def test_C05_C06_fifty_full_exams_over_a_lossy_network(
    examine: Callable[..., tuple[Examiner, LossyProxy]], seed: int
) -> None:
    """C-05: 50 whole exams with three spells of 5 s, five of them with spells of 60 s, one slow by 2 s."""
    spells = (60.0, 60.0, 60.0) if seed % 10 == 0 else (5.0, 5.0, 5.0)
    examiner, proxy = examine("full", seed, spells=spells, delay=2.0 if seed == 101 else 0.0)
    check_record(examiner)
    assert examiner.looks >= 300
    assert proxy.lost_behind >= 20
