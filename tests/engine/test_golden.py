"""Every published patient's whole answer is frozen; a change shows case by case, and users are told."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import localize
from localization.knowledge import read
from localization.redflags import rules
from tools import frozen, golden
from tools.frozen import Answers

SHOWN = 20
CASE = "plaut2000-hose-injury"


@cache
def now() -> Answers:
    return frozen.fresh()


def doctored(name: str = CASE) -> dict[str, Any]:
    """A copy of today's answers of which one case can be changed."""
    return now() | {name: deepcopy(now()[name])}


def said(before: Answers, after: Answers) -> str:
    return "\n".join(golden.told(before, after))


def test_every_published_patient_is_answered_as_frozen() -> None:
    lines = list(golden.told(frozen.frozen(), now()))
    shown = "\n".join([*lines[:SHOWN], "…", *lines[-8:]] if len(lines) > SHOWN else lines)
    changed = golden.differs(frozen.frozen(), now())
    assert not changed, (
        f"{shown}\nThe whole difference: python3 run.py golden. If it is meant: python3 run.py golden --write"
    )


def test_the_changelog_names_the_frozen_knowledge_and_each_case_that_moved() -> None:
    version = frozen.version()
    missing = golden.untold(version, golden.section()[1])
    assert not missing, (
        f"CHANGELOG.md, newest section, does not name {', '.join(missing)}. It must hold:\n"
        f"{golden.entry(version)}"
    )


def test_the_frozen_list_of_moved_cases_is_true() -> None:
    version = frozen.version()
    moved = frozen.changed(version["base"]["standing"], frozen.standing(frozen.frozen()))
    assert version["changed_since"] == moved
    assert version["base"]["section"] == golden.section()[0]


def test_a_frozen_answer_holds_every_field_of_the_report() -> None:
    case = next(case for case in frozen.published() if case.name == CASE)
    report = localize(case.findings)
    names = set(type(report).__dataclass_fields__)
    assert set(now()[CASE]) == names - {"engine", "knowledge"}
    assert now()[CASE]["ranked"][0]["band"] == report.ranked[0].band.id
    assert now()[CASE]["reasons"][0]["text"] == report.reasons[0].text


def test_a_last_bit_is_no_difference_and_a_word_is_one() -> None:
    answers = doctored()
    answers[CASE]["posterior"]["sciatic"] += 1e-6
    assert not golden.differs(now(), answers)
    answers[CASE]["posterior"]["sciatic"] += 2e-6
    assert golden.differs(now(), answers)
    answers = doctored()
    answers[CASE]["ranked"][0]["for_"][0]["text"] += " "
    assert [change.fields() for change in golden.changes(now(), answers)] == [("ranked",)]


def test_a_new_field_is_a_difference() -> None:
    answers = doctored()
    answers[CASE]["shoe_size"] = "9"
    assert golden.differs(now(), answers)
    assert "New in the report: shoe_size." in said(now(), answers)
    assert "No longer in the report: shoe_size." in said(answers, now())


def test_the_difference_is_told_in_words() -> None:
    answers = doctored()
    answer = answers[CASE]
    answer["ranked"] = [answer["ranked"][1], answer["ranked"][0], *answer["ranked"][2:]]
    answer["placement"], answer["headline"] = "undecided", "Other words."
    answer["posterior"] |= {"common_fibular": 0.25}
    answer["red_flags"] = [*answer["red_flags"], {"id": "acute_ischaemia"}]
    text = said(now(), answers)
    before = now()[CASE]
    assert f"{before['posterior']['common_fibular']:.3f} → 0.250" in text
    assert "Common fibular → " in text
    assert "placement: placed → undecided" in text
    assert "red flag fires now: acute_ischaemia" in text
    assert "         now: Other words." in text
    assert "1 of 77 answers changed." in text
    assert f"First site or placement changed in 1: {CASE}." in text


def test_a_change_of_the_knowledge_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    firing = next(name for name, answer in now().items() if answer["red_flags"])
    flag = now()[firing]["red_flags"][0]["id"]
    monkeypatch.setitem(read("redflags")["red_flag"][flag], "any_of", ["age <= 0"])
    rules.cache_clear()
    try:
        text = said(now(), frozen.fresh())
    finally:
        rules.cache_clear()
    assert f"red flag no longer fires: {flag}" in text


def test_a_case_without_its_file_and_a_file_without_its_case_are_named() -> None:
    less = {name: answer for name, answer in now().items() if name != CASE}
    assert golden.differs(less, now())
    assert f"Cases without a frozen answer: {CASE}." in said(less, now())
    assert f"Frozen, but no case any more: {CASE}." in said(now(), less)


def test_freezing_twice_in_one_version_forgets_no_change(tmp_path: Path) -> None:
    frozen.freeze(now(), "0.1.0", tmp_path)
    assert frozen.frozen(tmp_path) == now()
    first = doctored()
    first[CASE]["placement"] = "undecided"
    assert frozen.freeze(first, "0.2.0", tmp_path)["changed_since"] == [CASE]
    second = first | {"kang2005-c1": deepcopy(now()["kang2005-c1"])}
    second["kang2005-c1"]["placement"] = "scope"
    assert frozen.freeze(second, "0.2.0", tmp_path)["changed_since"] == ["kang2005-c1", CASE]
    assert frozen.freeze(second, "0.3.0", tmp_path)["changed_since"] == []
    frozen.freeze({name: second[name] for name in second if name != CASE}, "0.3.0", tmp_path)
    assert not (tmp_path / f"{CASE}.json").exists()


def test_the_changelog_must_name_the_digest_and_the_whole_name_of_a_case(tmp_path: Path) -> None:
    answers = doctored("watson-bhn-117")
    answers["watson-bhn-117"]["placement"] = "scope"
    frozen.freeze(now(), "0.1.0", tmp_path)
    version = frozen.freeze(answers, "0.2.0", tmp_path)
    digest = version["knowledge"]["digest"]
    assert golden.untold(version, golden.entry(version)) == []
    assert golden.untold(version, f"{digest} watson-bhn-117-fu watson-bhn-1170") == ["watson-bhn-117"]
    assert golden.untold(version, "moved: watson-bhn-117.") == [digest]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=9), inner, max_size=6),
)


@given(JSON)
def test_the_layout_reads_back_as_it_was(value: object) -> None:
    assert json.loads(frozen.layout(value)) == value
    assert list(frozen.differences(value, value)) == []


def test_what_cannot_be_frozen_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be frozen"):
        frozen.plain(object())


def test_the_command_refuses_a_word_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert golden.main(["--force"]) == 2
    assert "--write" in capsys.readouterr().err
