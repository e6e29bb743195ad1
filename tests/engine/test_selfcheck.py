"""Each kind of fault, planted in the knowledge, is named by the check with its place and what is allowed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localization import selfcheck
from localization.knowledge import names, read
from localization.selfcheck import problems
from localization.selfcheck.weighing import values_are_read
from tests.engine.faults import FORM, TAKEN_OUT

Plant = Callable[[str, tuple[str, ...], object], None]


def forget() -> None:
    """Let the package compute from its tables again; the tables stay as they are, with what was planted."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "localization":
            for thing in list(vars(module).values()):
                if hasattr(thing, "cache_clear") and thing is not read:
                    thing.cache_clear()


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    def planted(file: str, path: tuple[str, ...], value: object) -> None:
        table: Any = read(file)
        for key in path[:-1]:
            table = entry_of(table, key) if isinstance(table, list) else table[key]
        if value is TAKEN_OUT:
            monkeypatch.delitem(table, path[-1])
        else:
            monkeypatch.setitem(table, path[-1], value)
        forget()

    yield planted
    monkeypatch.undo()
    forget()


def entry_of(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of a list that bears this name: a pattern by site and name, a row by its id."""
    return next(row for row in rows if name in {f"{row.get('site')}.{row.get('name')}", row.get("id")})


@pytest.mark.parametrize(("file", "path", "value", "named"), FORM, ids=[row[3][:40] for row in FORM])
def test_a_planted_fault_is_named(
    file: str, path: tuple[str, ...], value: object, named: str, plant: Plant
) -> None:
    plant(file, path, value)
    found = problems()
    assert any(named in problem for problem in found), found


def test_a_notice_that_every_site_silences_is_named(plant: Plant) -> None:
    plant("wording", ("notice", "stiff_ankle", "unless_leading"), list(read("sites")["site"]))
    assert [problem for problem in problems() if "it can never show" in problem]


def test_a_finding_that_tells_no_site_from_another_is_named(plant: Plant) -> None:
    for field, value in (("sites", {}), ("published", [])):
        plant("likelihoods", ("likelihood", "cancer", field), value)
    assert [
        problem for problem in problems() if problem.startswith("cancer: its most telling value weighs 0.000")
    ]


def test_an_age_that_no_group_holds_is_named(plant: Plant) -> None:
    groups = read("likelihoods")["choice"]["age"]["values"]
    plant("likelihoods", ("choice", "age", "values"), ["5", *groups[1:]])
    assert [problem for problem in values_are_read() if problem.startswith("age: “0” is read as none of 5")]


def test_a_pattern_that_speaks_against_its_site_is_named(plant: Plant) -> None:
    """Where cord and brain share nearly all patients, what a silent cord lesion shows points to the brain."""
    few = dict.fromkeys(read("sites")["site"], 0.001)
    plant("priors", ("prior", "physiotherapy_clinic", "sites"), few | {"spinal_cord": 0.6, "brain": 0.384})
    found = problems()
    assert [
        problem for problem in found if problem.startswith("patterns.spinal_cord.silent: the findings")
    ], found


def test_a_site_that_can_never_be_named_is_named(plant: Plant) -> None:
    twin = entry_of(read("patterns")["pattern"], "common_fibular.neck")
    for field in ("lesion", "sensory"):
        plant("patterns", ("pattern", "deep_fibular.whole", field), twin[field])
    for kind in ("likelihood", "choice"):
        for name, table in read("likelihoods")[kind].items():
            if "common_fibular" in table["sites"]:
                plant("likelihoods", (kind, name, "sites", "deep_fibular"), table["sites"]["common_fibular"])
    assert [problem for problem in problems() if problem.startswith("sites.deep_fibular: no examination")]


def test_a_detail_that_can_never_be_named_is_named(plant: Plant) -> None:
    plant("patterns", ("pattern", "common_fibular.neck", "weight"), 0.69)
    plant("patterns", ("pattern", "common_fibular.popliteal", "weight"), 0.01)
    found = problems()
    assert [
        problem for problem in found if problem.startswith("sites.common_fibular.details.popliteal: no exam")
    ]


def test_a_detail_without_a_pattern_is_named(plant: Plant) -> None:
    plant("sites", ("site", "common_fibular", "details", "ankle"), "at the ankle")
    assert any("sites.common_fibular.details.ankle: no pattern" in problem for problem in problems())


def test_a_table_that_lacks_an_entry_is_a_problem_and_no_crash(plant: Plant) -> None:
    plant("instrument", ("placing",), {})
    assert any(
        problem.startswith("ranges.instrument_names_exist: stopped by KeyError") for problem in problems()
    )


def test_every_check_is_listed_once_and_every_file_is_read() -> None:
    listed = [*selfcheck.CHECKS, *selfcheck.BY_ANSWER]
    assert len(listed) == len(set(listed))
    assert {"anatomy", "findings", "redflags", "sources", "wording"} <= set(names())
