"""X-08 on every step: what is wrong is said first in the title, linked from the summary, and at its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.models import Exam, Observation
from exams.rows import prefix_of
from exams.steps import STEPS, Step
from tests import factories

pytestmark = pytest.mark.django_db

ASKING = [step for step in STEPS if step.finding_ids]
FIELDS = {"input", "select", "textarea"}
WITHOUT_END = {"input", "br", "img", "link", "meta", "hr", "wbr"}


@dataclass(slots=True)
class Node:
    """An element with its attributes and everything it says, spaces evened out."""

    tag: str
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)  # the ids of what holds it

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


class Read(HTMLParser):
    """A page, read into its elements in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self._open: list[Node] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        within = [one.attributes["id"] for one in self._open if "id" in one.attributes]
        node = Node(tag, attributes, within=within)
        self.nodes.append(node)
        if tag not in WITHOUT_END:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in WITHOUT_END:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in {node.tag for node in self._open}:
            while self._open.pop().tag != tag:
                continue

    def handle_data(self, data: str) -> None:
        for node in self._open:
            node.pieces.append(data)

    def by_id(self, name: str) -> Node:
        """Return the one element with this id."""
        (found,) = [node for node in self.nodes if node.attributes.get("id") == name]
        return found

    def first(self, tag: str) -> Node:
        """Return the first element of this kind."""
        return next(node for node in self.nodes if node.tag == tag)

    def summary(self) -> list[tuple[str, str]]:
        """Return where each link of the error summary leads and what it says."""
        box = next(node for node in self.nodes if node.attributes.get("class") == "errsum")
        assert box.attributes["tabindex"] == "-1"
        assert self.by_id(box.attributes["aria-labelledby"]).text == "There is a problem"
        start = self.nodes.index(box)
        links = [node for node in self.nodes[start:] if node.tag == "a" and node.text in box.text]
        return [(link.attributes["href"], link.text) for link in links if link.attributes["href"][0] == "#"]

    def controls(self, group: str) -> list[str]:
        """Return the ids of the fields that somebody can reach in a group, in order; "" for one without."""
        shown = [node for node in self.nodes if group in node.within and node.tag in FIELDS]
        return [node.attributes.get("id", "") for node in shown if node.attributes.get("type") != "hidden"]


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


def told_at(page: Read, href: str, sentence: str) -> None:
    """Assert that a link of the summary leads to the first control of its row, which says the same."""
    group = page.by_id(f"{href[1:]}-group")
    assert page.controls(group.attributes["id"])[0] == href[1:]
    said = page.by_id(group.attributes["aria-describedby"])
    assert group.attributes["id"] in said.within
    assert said.text == sentence


@pytest.mark.parametrize("step", ASKING, ids=lambda step: step.slug)
def test_X08_what_no_row_of_a_step_knows_is_told_at_each_row_and_linked(
    step: Step, examiner: Client, draft: Exam
) -> None:
    said = {f"{prefix_of(*place)}.token": "no such answer" for place in step.places}
    answer = examiner.post(reverse("exams:step", args=[draft.pk, step.slug]), said)
    page = Read(answer.content.decode())
    assert answer.status_code == 422
    assert page.first("title").text.startswith(f"Error: {step.title}")
    summary = page.summary()
    assert len(summary) == len({href for href, _ in summary}) == len(step.places)
    for href, sentence in summary:
        assert sentence.endswith(".")
        told_at(page, href, sentence)
    assert not Observation.objects.filter(exam=draft).exists()


@pytest.mark.parametrize("step", ASKING, ids=lambda step: step.slug)
def test_X08_a_note_without_an_answer_is_told_at_its_row_alone_and_stays_typed(
    step: Step, examiner: Client, draft: Exam
) -> None:
    name = f"{prefix_of(*step.places[-1])}.note"
    answer = examiner.post(reverse("exams:step", args=[draft.pk, step.slug]), {name: "Half of it"})
    page = Read(answer.content.decode())
    assert answer.status_code == 422
    assert page.first("title").text.startswith(f"Error: {step.title}")
    ((href, sentence),) = page.summary()
    told_at(page, href, sentence)
    kept = page.by_id(f"{href[1:]}-note").attributes
    assert (kept["name"], kept["value"]) == (name, "Half of it")
