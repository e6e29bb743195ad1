"""Drawn patients at the command line: simulate, walks, calibration; and a reader that stops reading."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from localization import SITES
from localization.__main__ import main
from localization.casefile import parse_case


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_simulated_patient_is_a_case_that_locate_and_evaluate_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "simulate", "--site", "root_L5", "--seed", "7")
    case = parse_case("drawn", text)
    assert (case.name, case.site, case.strict) == ("simulated-root_L5-7", "root_L5", True)
    assert "not a real patient" in text
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    answer = json.loads(printed(capsys, "locate", "-", "--json"))
    assert abs(sum(answer["posterior"].values()) - 1.0) < 1e-9
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert json.loads(printed(capsys, "evaluate", "-", "--json"))["n"] == 1


def test_simulate_prints_one_object_with_the_same_patient(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("simulate", "--site", "sciatic", "--seed", "2", "--weak-side", "right")
    found = json.loads(printed(capsys, *options, "--json"))
    case = parse_case("drawn", printed(capsys, *options))
    assert set(found) == {"id", "site", "truth", "findings"}
    assert found["site"] == found["truth"]["site"] == case.site == "sciatic"
    assert found["truth"]["weak_side"] == "right"
    contra = found["findings"].pop("contra")
    assert contra == dict(case.findings.contra_values)
    assert found["findings"] == {**case.findings.index_values, **case.findings.unsided}


def test_a_bedside_patient_is_the_same_without_the_laboratory(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(printed(capsys, "simulate", "--json"))["findings"]
    bedside = json.loads(printed(capsys, "simulate", "--json", "--bedside"))["findings"]
    left_out = set(whole) - set(bedside)
    assert {"sural_snap", "emg_gluteus_medius", "days_onset_to_edx"} <= left_out
    assert all(whole[name] == value for name, value in bedside.items() if name != "contra")
    assert not {"ankle_dorsiflexion", "age", "slr"} & left_out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["simulate", "--site", "knee"], ["knee", *SITES]),
        (["simulate", "--setting", "moon"], ["moon", "physiotherapy_clinic"]),
        (["simulate", "--seed", "-1"], ["--seed", "-1", "whole number from 0"]),
        (["simulate", "--seed", "1.5"], ["--seed", "1.5", "whole number from 0"]),
        (["walks", "--patients", "0"], ["--patients", "whole number from 1"]),
        (["simulate", "--weak-side", "bilateral"], ["--weak-side", "left", "right"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_allowed(
    arguments: list[str], named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    for words in named:
        assert words in said.err


def test_walks_and_calibration_print_their_figures(capsys: pytest.CaptureFixture[str]) -> None:
    walked = json.loads(printed(capsys, "walks", "--patients", "2", "--seed", "3", "--json"))
    assert (walked["n"], walked["seed"], set(walked["orders"])) == (
        2,
        3,
        {"next_best", "most_telling", "catalogue", "random"},
    )
    assert "2 drawn patients" in printed(capsys, "walks", "--patients", "2", "--seed", "3")
    held = json.loads(printed(capsys, "calibration", "--patients", "5", "--json"))
    assert (held["n"], set(held["extents"])) == (5, {"few", "bedside", "complete"})
    assert "5 drawn patients" in printed(capsys, "calibration", "--patients", "5")


@pytest.mark.parametrize(
    "command",
    [["simulate"], ["evaluate", "tests/cases"], ["locate", "tests/cases/strawberry-pickers-1980.toml"]],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_reading_ends_a_command_quietly(command: list[str], unbuffered: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "localization", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert said == b""
