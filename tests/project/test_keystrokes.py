"""run.py bench: the keystroke-level estimate counts what the steps ask, and says what it stands on."""

from __future__ import annotations

import tomllib

import pytest

from exams.steps import STEPS, Step, places_of, steps_for
from tools import keystrokes
from tools.environment import ROOT
from tools.keystrokes import Work, by_keyboard, by_touch, estimates, lines


def step(slug: str) -> Step:
    return next(one for one in STEPS if one.slug == slug)


# Counted by hand on the screens: Enter begins, one key an answer, Enter goes on.
@pytest.mark.parametrize(
    ("slug", "in_bulk", "keys", "acts"),
    [
        ("red-flags", False, 1 + 7 + 1, 7),
        ("saddle", False, 1 + 1 + 1 + 1, 1),
        ("sensation", False, 1 + 14 + 1, 14),
        ("sensation", True, 1 + 7 + 2 + 1, 8),
        ("needle-emg", True, 1 + 3 + 1, 1),
        ("measured", False, 1 + 6 * (3 + 1), 6),
    ],
)
def test_a_steps_keys_are_counted_from_its_rows(slug: str, in_bulk: bool, keys: int, acts: int) -> None:
    work = by_keyboard(step(slug), in_bulk=in_bulk)
    assert (work.keys, work.acts, work.taps, work.hands) == (keys, acts, 0, 1)
    assert work.answers == len(step(slug).places)


def test_a_number_is_tapped_on_the_screens_own_keys_and_consent_is_a_tap() -> None:
    assert by_touch(step("measured")).taps == 6 * (1 + 3) + 1
    assert by_touch(step("saddle")).taps == 1 + 1 + 1
    assert by_touch(step("sensation")).taps == 14 + 1


def test_the_time_is_the_sum_of_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystrokes, "SECONDS", {"K": 1.0, "P": 10.0, "M": 100.0, "H": 1000.0})
    assert Work(keys=2, taps=3, acts=4, hands=5).seconds == 2 + 30 + 400 + 5000


def test_every_operator_says_its_seconds_its_meaning_and_its_basis() -> None:
    table = tomllib.loads((ROOT / "tools" / "keystrokes.toml").read_text(encoding="utf-8"))
    operators = table["operator"]
    assert {name: one["seconds"] for name, one in operators.items()} == {
        "K": 0.28,
        "P": 1.1,
        "H": 0.4,
        "M": 1.35,
    }
    for one in operators.values():
        assert one["meaning"]
        assert one["basis"].startswith(("published", "judged: "))


def test_core_and_full_are_told_by_keyboard_and_by_touch_and_that_nobody_was_timed() -> None:
    told = dict(estimates())
    answers = {name.split()[0]: work.answers for name, work in told.items()}
    assert answers == {name: len(list(places_of(steps_for(name)))) for name in ("core", "full")}
    whole = told["full exam by keyboard, one by one"].seconds
    assert told["full exam by keyboard, sound side filled in, no laboratory"].seconds < whole
    assert whole < told["full exam by touch, one by one"].seconds
    page = list(lines())
    assert len(page) == 1 + len(told)
    assert "K 0.28 s, P 1.1 s, H 0.4 s, M 1.35 s" in page[0]
    assert "a timed study with physiotherapists: by hand, not done" in page[0]


def test_the_readme_gives_the_estimates_as_they_are_now() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## How long recording takes")[2].partition("\n## ")[0]
    for name, work in estimates():
        seconds = int(work.seconds)
        assert f"{seconds // 60}:{seconds % 60:02}" in section, name
    assert "has not been done" in section
