"""The model beside published counts: exact sums, honest intervals, and no row left out without a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import SOURCES, Findings
from localization.__main__ import main
from localization.catalogue import catalogue
from localization.evaluation.operating import compare, counts, implied, wilson
from localization.evaluation.published import Row, faults, left_out, reasons, rows
from localization.knowledge import read
from localization.likelihood import likelihood
from localization.posterior import posterior
from localization.selfcheck import problems
from localization.sites import sites
from localization.states import states

SETTING = "physiotherapy_clinic"
GRADES = "012345"
GRADED = frozenset({"hip_abduction", "ankle_dorsiflexion", "ankle_eversion"})
RADICULOPATHIES = ("root_L4", "root_L5", "roots_L4_L5", "roots_L5_S1")
BY_ID = {row.id: row for row in rows()}
JOINT = (
    "jeon2013-hip-abduction-fibular",
    "sourkes1991-dorsiflexion-weaker",
    "sourkes1991-feeling-two",
    "sourkes1991-feeling-mean",
    "ho2004-superficial-response-none-older",
)


# ---------------------------------------------------------------- the interval


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    """Worked examples of Newcombe, Statistics in Medicine 1998;17:857."""
    interval = wilson(k, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(count: tuple[int, int]) -> None:
    k, n = count
    interval, mirrored = wilson(k, n), wilson(n - k, n)
    assert 0.0 <= interval.low <= interval.high <= 1.0
    assert interval.low - 1e-12 <= k / n <= interval.high + 1e-12
    assert math.isclose(interval.low, 1.0 - mirrored.high, abs_tol=1e-12)
    wider = wilson(k * 4, n * 4)
    assert wider.high - wider.low < interval.high - interval.low


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 5), (0, 0)])
def test_what_is_no_count_has_no_interval(k: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{k} of {n}"):
        wilson(k, n)


# ---------------------------------------------------------------- the implied probability


def happened(row: Row, seen: dict[str, str]) -> float:
    """Return what one set of answers counts for: read off the row, answer by answer."""
    if row.weaker:
        first, second = row.weaker
        return float(GRADES.index(seen[first]) < GRADES.index(seen[second]))
    hits = [shown(seen[finding], finding, answers) for finding, answers in row.found.items()]
    return float(sum(hits) in row.hits) if row.hits else sum(hits) / len(hits)


def shown(value: str, finding: str, answers: tuple[str, ...]) -> bool:
    return value in answers or ("weak" in answers and finding in GRADED and value != "5")


def hidden_states(site: str) -> Iterator[tuple[int, ...]]:
    shape = states().prior.shape
    lesions = [n for n, lesion in enumerate(states().lesions) if lesion.pattern.site == site]
    yield from product(lesions, *(range(length) for length in shape[1:]))


def by_enumeration(row: Row) -> float:
    """Return P(counted | site, given) by adding up every hidden state and every set of answers."""
    (site,) = row.sites
    findings = [*row.found, *row.weaker, *row.given]
    tables = {name: likelihood(name, "index" if catalogue()[name].sided else None) for name in findings}
    atypical = read("instrument")["atypical"]["probability"]
    shape = states().prior.shape
    top = bottom = 0.0
    for kind, share in (("typical", 1.0 - atypical), ("atypical", atypical)):
        cells = {
            name: np.broadcast_to(getattr(table, kind), (*shape, len(table.values)))
            for name, table in tables.items()
        }
        for state in hidden_states(site):
            for answers in product(*(range(len(tables[name].values)) for name in findings)):
                chance = share * float(states().prior[state])
                for name, place in zip(findings, answers, strict=True):
                    chance *= float(cells[name][(*state, place)])
                seen = {
                    name: tables[name].values[place] for name, place in zip(findings, answers, strict=True)
                }
                if all(shown(seen[name], name, values) for name, values in row.given.items()):
                    bottom += chance
                    top += chance * happened(row, seen)
    return top / bottom


@pytest.mark.parametrize("name", JOINT)
def test_the_implied_probability_is_the_sum_over_all_states_and_answers(name: str) -> None:
    assert math.isclose(implied(BY_ID[name], SETTING), by_enumeration(BY_ID[name]), abs_tol=1e-9)


@pytest.mark.parametrize("site", ["root_L5", "common_fibular", "sciatic", "brain"])
def test_the_implied_probability_agrees_with_the_engines_own_answers(site: str) -> None:
    """By Bayes' rule alone: weak and full are all there is, so their evidence weighs 1 together."""
    row = replace(BY_ID["jeon2013-hip-abduction-root"], sites=(site,), given={"ankle_dorsiflexion": ("2",)})

    def chances(**leg: str) -> dict[str, float]:
        return dict(posterior(Findings.build(left={"ankle_dorsiflexion": "2", **leg}), SETTING))

    before, weak, full = chances(), chances(hip_abduction="weak"), chances(hip_abduction="5")
    up, down = (weak["muscle"] / before["muscle"], full["muscle"] / before["muscle"])
    of_weak = (1.0 - down) / (up - down)  # P(weak) solves P(weak) · up + P(full) · down = 1
    assert math.isclose(implied(row, SETTING), of_weak * weak[site] / before[site], abs_tol=1e-9)


def test_all_ways_of_losing_feeling_sum_to_one() -> None:
    shares = [
        implied(BY_ID[f"sourkes1991-feeling-{name}"], SETTING) for name in ("three", "two", "one", "none")
    ]
    assert math.isclose(sum(shares), 1.0, abs_tol=1e-12)
    assert math.isclose(implied(BY_ID["sourkes1991-feeling-any"], SETTING), 1.0 - shares[-1], abs_tol=1e-12)
    mean = sum(number * share for number, share in zip((3, 2, 1), shares, strict=False)) / 3
    assert math.isclose(implied(BY_ID["sourkes1991-feeling-mean"], SETTING), mean, abs_tol=1e-12)


def test_several_sites_are_mixed_by_their_share_in_the_setting() -> None:
    row = BY_ID["appasamy2018-plantar"]
    alone = {site: implied(replace(row, sites=(site,)), SETTING) for site in row.sites}
    prior = read("priors")["prior"][SETTING]["sites"]
    mixed = sum(prior[site] * alone[site] for site in row.sites) / sum(prior[site] for site in row.sites)
    assert math.isclose(implied(row, SETTING), mixed, abs_tol=1e-12)
    assert min(alone.values()) < mixed < max(alone.values())


# ---------------------------------------------------------------- what is aimed at


@pytest.mark.parametrize("roots", [("root_L5",), RADICULOPATHIES])
@pytest.mark.parametrize("setting", list(read("priors")["prior"]))
def test_hip_abduction_is_weak_in_most_radiculopathies_with_foot_drop(
    roots: tuple[str, ...], setting: str
) -> None:
    assert 0.75 <= implied(replace(BY_ID["jeon2013-hip-abduction-root"], sites=roots), setting) <= 0.95


def test_hip_abduction_is_seldom_weak_in_fibular_lesions() -> None:
    assert implied(BY_ID["jeon2013-hip-abduction-fibular"], SETTING) <= 0.08


def test_four_in_five_published_rows_lie_inside_their_interval() -> None:
    found = counts(compare(SETTING))
    assert found["inside"] >= 0.8 * found["n"], [
        (item.row.id, round(item.implied, 3)) for item in compare(SETTING) if not item.inside
    ]


# ---------------------------------------------------------------- the rows


def test_every_row_left_out_has_a_reason_in_words() -> None:
    assert len(left_out()) > len(reasons())
    assert {row.reason for row in left_out()} == set(reasons())
    assert all(row.why and row.label and row.source in SOURCES for row in left_out())


def test_conflicting_series_are_compared_on_both_sides() -> None:
    """Neither of two series that disagree may be dropped because the model misses it."""
    for one, other in (
        ("fabre1998-tinel", "cucu2025-tinel"),
        ("aprile2005-precipitant-trauma", "footdrop303-precipitant-trauma"),
        ("katirji1988-side-both", "cucu2025-side-both"),
    ):
        first, second = (wilson(BY_ID[name].k, BY_ID[name].n) for name in (one, other))
        assert first.high < second.low or second.high < first.low


def test_the_rows_have_no_fault() -> None:
    assert list(faults()) == []


def entry(name: str) -> dict[str, object]:
    kinds = (*read("operating")["row"], *read("operating")["left_out"])
    return next(table for table in kinds if table["id"] == name)


FAULTS: list[tuple[str, str, object, str]] = [
    ("jeon2013-hip-abduction-root", "k", 22, "22 of 21"),
    ("jeon2013-hip-abduction-root", "n", 0, "18 of 0"),
    ("sonoo2004-abductor-sign", "n", 14, "16 of 14"),
    ("sourkes1991-feeling-one", "n", 14, "fewer than 15"),
    ("jeon2013-hip-abduction-root", "sites", ["root_L6"], "root_L6"),
    ("jeon2013-hip-abduction-root", "sites", [], "is unknown"),
    ("jeon2013-hip-abduction-root", "found", {"hip_abductor": ["weak"]}, "hip_abductor"),
    ("jeon2013-hip-abduction-root", "found", {"hip_abduction": ["6"]}, "Allowed: 0"),
    ("jeon2013-hip-abduction-root", "found", {"hip_abduction": ["weak", "3"]}, "overlap"),
    ("jeon2013-hip-abduction-root", "found", {}, "either found or weaker"),
    ("jeon2013-hip-abduction-root", "given", {"hip_abduction": ["5"]}, "different findings"),
    ("ho2004-superficial-response-root-older", "given", {"age": ["61"]}, "61"),
    ("sourkes1991-dorsiflexion-weaker", "weaker", ["ankle_dorsiflexion"], "two movements"),
    ("sourkes1991-dorsiflexion-weaker", "weaker", ["ankle_dorsiflexion", "sole"], "two movements"),
    ("sourkes1991-feeling-two", "hits", [4], "hits must be"),
    ("sourkes1991-feeling-two", "hits", "most", "hits must be"),
    ("sourkes1991-feeling-two", "source", "nobody2001", "nobody2001"),
    ("sourkes1991-feeling-two", "counted", "guessed", "guessed"),
    ("sourkes1991-feeling-two", "basis", "judged", "published"),
    ("sourkes1991-feeling-two", "label", "", "no label"),
    ("lauder2000-normal-examination", "reason", "inconvenient", "inconvenient"),
    ("lauder2000-normal-examination", "why", "", "without a reason"),
]


@pytest.mark.parametrize(("name", "field", "value", "said"), FAULTS)
def test_a_fault_is_refused_with_file_and_row(
    name: str, field: str, value: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(entry(name), field, value)
    assert any(f"operating.toml, row {name}" in fault and said in fault for fault in faults()), list(faults())


def test_two_rows_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(entry("fabre1998-tinel"), "id", "cucu2025-tinel")
    assert any("operating.toml" in fault and "cucu2025-tinel" in fault for fault in faults())


def test_the_check_and_the_command_refuse_a_faulty_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(entry("fabre1998-tinel"), "k", 61)
    assert any("operating.toml, row fabre1998-tinel" in problem for problem in problems())
    assert main(["tables"]) == 1
    heard = capsys.readouterr()
    assert "operating.toml, row fabre1998-tinel" in heard.err
    assert heard.out == ""


# ---------------------------------------------------------------- the command


def test_tables_prints_every_row_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables"]) == 0
    text = capsys.readouterr().out
    found = counts(compare(SETTING))
    assert text.startswith(f"{found['inside']} of {found['n']} published rows lie inside")
    assert all(row.label in text for row in rows())
    assert all(row.label in text and row.why in text for row in left_out())
    assert all(words in text for words in reasons().values())
    outside = text.partition("Outside")[2].partition("Inside")[0]
    assert BY_ID["fabre1998-tinel"].label in outside


def test_tables_prints_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "--json", "--setting", "spine_clinic"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["setting"] == "spine_clinic"
    assert [row["id"] for row in answer["rows"]] == [row.id for row in rows()]
    assert [row["id"] for row in answer["left_out"]] == [row.id for row in left_out()]
    assert answer["inside"] == sum(row["inside"] for row in answer["rows"])
    for row in answer["rows"]:
        assert row["inside"] == (row["low"] <= row["implied"] <= row["high"])
        assert row["low"] <= row["share"] <= row["high"]
        assert set(row["sites"]) <= set(sites())
