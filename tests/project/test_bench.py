"""run.py bench: a figure says whether it holds its aims, and the peer is asked for the same answer."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from localization import DEFAULT_SETTING, SITES, Findings
from tests.engine.cases import published
from tools import bench_peer, measure
from tools.measure import Aim, Figure, compare, slowest


@pytest.mark.parametrize(
    ("aim", "end"),
    [
        (Aim(milliseconds=0.5, ratio=0.25), "; at most 0.5 ms: holds, at most 0.25 times: holds"),
        (Aim(milliseconds=0.2, ratio=0.25), "; at most 0.2 ms: holds, at most 0.25 times: holds"),
        (Aim(milliseconds=0.1, ratio=0.1), "; at most 0.1 ms: MISSED, at most 0.1 times: MISSED"),
        (Aim(milliseconds=5), "; at most 5 ms: holds"),
        (Aim(), "0.20 times a floor (1.000 ms)"),
    ],
)
def test_a_figure_says_whether_it_holds_its_aims(aim: Aim, end: str) -> None:
    line = str(Figure("a name", 0.2, "a floor", 1.0, aim))
    assert line.startswith("a name ")
    assert line.endswith(end)
    assert "0.200 ms      0.20 times a floor (1.000 ms)" in line


def test_a_figure_beyond_its_floor_is_told_to_one_decimal() -> None:
    assert "  35.2 times a floor" in str(Figure("a name", 35.24, "a floor", 1.0))


def test_both_pieces_of_work_are_timed_and_the_aim_is_kept() -> None:
    done: list[str] = []
    figure = compare("a", lambda: done.append("ours"), "b", lambda: done.append("floor"), Aim(ratio=2))
    assert {"ours", "floor"} == set(done)
    assert figure.ours > 0.0
    assert figure.floor > 0.0
    assert figure.aim == Aim(ratio=2)


# A turn of 20 ms, of calls that take 1 ms by the clock of the test; the last one begins before its end.
TURN_OF_FAST_CALLS = 21


def test_both_are_timed_in_short_turns_and_the_median_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = {"slow": itertools.cycle([3, 5, 90]), "fast": itertools.cycle([1])}
    done: list[str] = []
    now = 0

    def work(name: str) -> None:
        nonlocal now
        now += next(cost[name])
        done.append(name)

    monkeypatch.setattr(measure, "time", SimpleNamespace(perf_counter=lambda: now / 1000))
    figure = compare("a", lambda: work("slow"), "b", lambda: work("fast"), Aim(ratio=6))
    turns = [list(calls) for _, calls in itertools.groupby(done[2:])]
    assert max(len(turn) for turn in turns) == TURN_OF_FAST_CALLS
    assert len(turns) > 40
    assert (round(figure.ours), round(figure.floor)) == (5, 1)
    assert str(figure).endswith("at most 6 times: holds")


def test_the_slowest_figure_is_the_time_that_95_of_100_calls_keep_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def times(_ours: object, _floor: object) -> tuple[list[float], list[float]]:
        return [float(number) for number in range(1, 101)], [1.0] * 100

    monkeypatch.setattr(measure, "alternating", times)
    figure = slowest("a", print, "b", str, Aim(milliseconds=90))
    assert 94.0 < figure.ours < 97.0
    assert figure.floor == 1.0
    assert str(figure).endswith("at most 90 ms: MISSED")


def test_the_peer_is_asked_for_each_patient_in_turn() -> None:
    patients = [case.findings for case in published()[:2]]
    ask = bench_peer.queries(patients, DEFAULT_SETTING)
    answers = [ask() for _ in range(4)]
    assert abs(answers[0] - answers[2]).max() < bench_peer.SAME
    assert abs(answers[1] - answers[3]).max() < bench_peer.SAME
    assert abs(answers[0] - answers[1]).max() > 0.01


def test_times_of_unequal_answers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def even(_findings: Findings, _setting: str) -> dict[str, float]:
        return dict.fromkeys(SITES, 1.0 / len(SITES))

    monkeypatch.setattr(bench_peer, "posterior", even)
    with pytest.raises(ValueError, match="posteriors differ"):
        bench_peer.queries([published()[0].findings], DEFAULT_SETTING)
