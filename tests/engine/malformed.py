"""Case files with one fault each, for the property tests: what is wrong, and what the refusal must say."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from localization import CATALOGUE, SITES, Finding
from localization.casetext import plain_and_contra
from tests.engine.exams import Exam, exams

CHOICES = [finding for finding in CATALOGUE.findings.values() if finding.scale.kind == "choice"]
NUMBERS = [finding for finding in CATALOGUE.findings.values() if finding.scale.kind == "number"]
SIDED = [finding for finding in CATALOGUE.findings.values() if finding.sided]
ONCE = [finding for finding in CATALOGUE.findings.values() if not finding.sided]
KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=24)


@dataclass(frozen=True)
class Faulty:
    """A case file that must be refused, and the words that the refusal must hold."""

    text: str
    named: tuple[str, ...]


class Draft:
    """A sound case file as its three tables, of which one line is to be spoiled."""

    def __init__(self, exam: Exam) -> None:
        plain, contra = plain_and_contra(exam.findings())
        self.head: dict[str, object] = {"id": "spoiled", "site": "root_L5"}
        self.findings: dict[str, object] = {**plain}
        self.contra: dict[str, object] = {**contra}

    def text(self, second: str = "") -> str:
        head, plain, contra = (
            "".join(f"{name} = {literal(value)}\n" for name, value in table.items())
            for table in (self.head, self.findings, self.contra)
        )
        return f"{head}[findings]\n{plain}{second}[findings.contra]\n{contra}"


def literal(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def wrong_types() -> st.SearchStrategy[object]:
    """Draw what no finding accepts: truth values, dates, lists, tables."""
    small: st.SearchStrategy[object] = st.one_of(st.booleans(), st.integers(), st.text(max_size=4))
    return st.one_of(
        st.booleans(),
        st.dates(),
        st.lists(small, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b"]), small, max_size=2),
    )


def wrong_choices(finding: Finding) -> st.SearchStrategy[object]:
    near_misses = st.sampled_from(finding.scale.tokens).flatmap(
        lambda token: st.sampled_from([f"{token} ", token.upper() + "!", f"{token}{token}"])
    )
    words = st.one_of(near_misses, st.text(max_size=12))
    return st.one_of(
        words.filter(lambda word: word not in finding.scale.tokens),
        st.integers(),
        st.floats(),
        wrong_types(),
    )


def wrong_numbers(finding: Finding) -> st.SearchStrategy[object]:
    low, high = finding.scale.minimum or 0.0, finding.scale.maximum or 0.0
    return st.one_of(
        st.floats(max_value=low, exclude_max=True),
        st.floats(min_value=high, exclude_min=True),
        st.just(math.nan),
        st.integers(min_value=10**320, max_value=10**330),
        st.text(max_size=8).filter(_is_no_number),
        wrong_types(),
    )


def _is_no_number(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return True


@st.composite
def unknown_ids(draw: st.DrawFn) -> Faulty:
    draft = Draft(draw(exams(most=3)))
    name = draw(KEYS.filter(lambda key: key not in CATALOGUE and key != "contra"))
    value = draw(st.one_of(st.sampled_from(["2", "yes", "normal"]), st.integers(0, 5), wrong_types()))
    draw(st.sampled_from([draft.findings, draft.contra]))[name] = value
    return Faulty(draft.text(), (name, "Allowed: ", *CATALOGUE.findings))


@st.composite
def wrong_values(draw: st.DrawFn) -> Faulty:
    draft = Draft(draw(exams(most=3)))
    finding = draw(st.one_of(st.sampled_from(CHOICES), st.sampled_from(NUMBERS)))
    is_number = finding.scale.kind == "number"
    value = draw(wrong_numbers(finding) if is_number else wrong_choices(finding))
    table = draw(st.sampled_from([draft.findings, draft.contra])) if finding.sided else draft.findings
    table[finding.id] = value
    scale = finding.scale
    allowed = (f"{scale.minimum:g} to {scale.maximum:g}",) if is_number else scale.tokens
    return Faulty(draft.text(), (finding.id, "Allowed: ", *allowed))


@st.composite
def second_answers(draw: st.DrawFn) -> Faulty:
    draft = Draft(draw(exams(most=3)))
    finding = draw(st.sampled_from(CHOICES))
    draft.findings[finding.id] = draw(st.sampled_from(finding.scale.tokens))
    again = draw(st.sampled_from(finding.scale.tokens))
    second = f"{finding.id} = {literal(again)}\n"
    return Faulty(draft.text(second), (finding.id, "a second answer", "Only one value is allowed"))


@st.composite
def other_leg_of_what_has_none(draw: st.DrawFn) -> Faulty:
    draft = Draft(draw(exams(most=3)))
    finding = draw(st.sampled_from([one for one in ONCE if one.scale.kind == "choice"]))
    draft.contra[finding.id] = draw(st.sampled_from(finding.scale.tokens))
    return Faulty(draft.text(), (finding.id, "recorded once, not for each leg"))


@st.composite
def wrong_heads(draw: st.DrawFn) -> Faulty:
    draft = Draft(draw(exams(most=3)))
    name, allowed = draw(st.sampled_from([("site", tuple(SITES)), ("confidence", ("strict", "weak"))]))
    words = st.text(min_size=1, max_size=12).filter(lambda word: word not in allowed)
    wrong: st.SearchStrategy[object] = st.one_of(words, st.integers(), wrong_types())
    value = draw(wrong)
    is_further = name == "site" and draw(st.booleans())
    draft.head["also" if is_further else name] = ["root_L4", value] if is_further else value
    return Faulty(draft.text(), ("also" if is_further else name, *allowed))


@st.composite
def no_tables(draw: st.DrawFn) -> Faulty:
    """Draw a file without findings, or with something else in place of a table of them."""
    others = wrong_types().filter(lambda value: not isinstance(value, dict))
    value = draw(st.one_of(st.text(max_size=5), st.integers(), others))
    shape = draw(
        st.sampled_from(["findings = {}\n", "[findings]\ncontra = {}\n", "[other]\nfindings = {}\n"])
    )
    named = "contra" if "contra" in shape else "findings"
    return Faulty(shape.format(literal(value)), (named, "table"))


def malformed() -> st.SearchStrategy[Faulty]:
    """Draw a case file with one fault of any kind."""
    return st.one_of(
        unknown_ids(),
        wrong_values(),
        second_answers(),
        other_leg_of_what_has_none(),
        wrong_heads(),
        no_tables(),
    )
