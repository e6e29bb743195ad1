"""The command line: JSON of the contract, refusals that name file, finding and values."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from localization.__main__ import main
from tests.engine.cases import FOLDER, PATHS

KEYS = {
    "posterior",
    "leading",
    "possible",
    "reasons",
    "missing",
    "unexplained",
    "red_flags",
    "next_tests",
    "engine",
    "knowledge",
    "headline",
    "notices",
    "groups",
    "tripwire",
    "second_lesion",
    "settled",
    "what_would_change",
    "stable",
}


def written(folder: Path, text: str) -> str:
    path = folder / "patient.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_locate_prints_the_json_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", str(FOLDER / "strawberry-pickers-1980.toml"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == KEYS
    assert answer["leading"] == {"site": "common_fibular", "detail": "neck", "group": "fibular"}
    assert abs(sum(answer["posterior"].values()) - 1.0) < 1e-9
    assert set(answer["reasons"][0]) == {
        "finding",
        "leg",
        "value",
        "site",
        "against",
        "weight",
        "rule",
        "source",
    }
    assert set(answer["next_tests"][0]) == {"finding", "gain_bits", "minutes", "position", "why"}
    assert {item["leg"] for item in answer["reasons"]} <= {"index", "contra", None}


def test_locate_prints_a_report_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", str(FOLDER / "leung2021-zoster-l5.toml")]) == 0
    text = capsys.readouterr().out
    assert "most consistent with: L5 nerve root" in text
    assert "patient's RIGHT" in text
    assert "%" not in text


def test_whole_numbers_are_printed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, '[findings]\nage = 39\nankle_dorsiflexion = "2"\n')
    assert main(["locate", path, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (age,) = [item["value"] for item in answer["reasons"] if item["finding"] == "age"]
    assert repr(age) == "39"


def test_locate_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('[findings]\nankle_dorsiflexion = "2"\n'))
    assert main(["locate", "-", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["leading"] is None
    assert answer["posterior"]["common_fibular"] > answer["posterior"]["root_L5"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[findings]\nankle_flexion = "2"\n', ["ankle_flexion", "ankle_dorsiflexion"]),
        ('[findings]\nankle_dorsiflexion = "7"\n', ["ankle_dorsiflexion", "Allowed: 0, 1"]),
        ("[findings]\nage = 130\n", ["age", "0 to 120"]),
        ("[findings]\nage = true\n", ["age", "0 to 120"]),
        ("[findings]\nankle_dorsiflexion = 2\n", ["ankle_dorsiflexion", "Allowed: 0, 1"]),
        ('[findings]\nslr = "positive"\nslr = "negative"\n', ["slr", "second answer"]),
        ('[findings]\n[findings.contra]\nonset = "days"\n', ["onset", "recorded once"]),
        ('site = "knee"\n[findings]\n', ["site", "knee", "common_fibular"]),
        ('confidence = "certain"\n[findings]\n', ["confidence", "strict, weak"]),
        ("findings = 3\n", ["findings", "not a table"]),
        ("[finding]\n", ["[findings]"]),
        ("this is not toml", ["not a readable TOML file"]),
    ],
)
def test_a_faulty_file_is_refused_with_file_finding_and_values(
    text: str, expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, text)
    assert main(["locate", path]) == 2
    refusal = capsys.readouterr()
    assert refusal.out == ""
    assert path in refusal.err
    for words in expected:
        assert words in refusal.err


def test_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "nowhere.toml"]) == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_evaluate_prints_every_figure_with_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(FOLDER), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    for name in ("top_1", "top_2", "level_top_1", "log_loss", "brier", "calibration_error"):
        assert result[name]["low"] <= result[name]["value"] <= result[name]["high"]
        assert set(result["prior"][name]) == {"value", "low", "high"}
    assert result["n"] == sum('confidence = "strict"' in path.read_text(encoding="utf-8") for path in PATHS)
    assert len(result["missed"]) == round(result["n"] * (1 - result["top_1"]["value"]))
    assert main(["evaluate", str(FOLDER)]) == 0
    text = capsys.readouterr().out
    assert text.count("\nmissed ") == len(result["missed"])


def test_evaluate_takes_one_file_and_refuses_one_without_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(FOLDER / "won2022-extraneural-cyst.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 1
    assert main(["evaluate", written(tmp_path, '[findings]\nankle_dorsiflexion = "2"\n')]) == 2
    assert "no site" in capsys.readouterr().err


def test_check_and_reference_run_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "localization", "check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "consistent" in ran.stdout


def test_the_package_needs_neither_django_nor_a_clock() -> None:
    program = (
        "import sys; sys.modules['django'] = None\n"
        "import localization\n"
        "assert 'numpy' not in sys.modules, 'red flags and catalogue must load without the engine'\n"
        "report = localization.localize(localization.Findings.build())\n"
        "print(report.placement)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "too_few", ran.stderr
