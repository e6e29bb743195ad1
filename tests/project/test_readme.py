"""The README's commands, pictures, links and intended use are true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from localization import PHRASES
from run import MODULES

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_links_and_pictures_lead_to_files_of_the_repository() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_folders_of_the_map_exist() -> None:
    folders = re.findall(r"`([a-z/]+/)`", README)
    assert {"localization/", "exams/", "clinics/", "footdrop/", "templates/", "static/", "tests/"} <= set(
        folders
    )
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_commands_of_run_py_are_known() -> None:
    named = re.findall(r"`python3 run\.py ([a-z]+)`", README)
    beside = re.search(r"Beside them: (.+?)\.\n", README, re.DOTALL)
    assert beside is not None
    named += re.findall(r"`([a-z]+)`", beside.group(1))
    assert set(named) == set(MODULES) - {"serve"}


def test_case_of_the_command_line_exists() -> None:
    commands = [shlex.split(line) for line in re.findall(r"`(python -m localization [^`]+)`", README)]
    assert commands
    assert [command[-1] for command in commands if not (ROOT / command[-1]).is_file()] == []


def test_intended_use_is_word_for_word_that_of_the_report() -> None:
    for phrase in ("intended_use", "intended_use_inputs"):
        assert one_line(PHRASES[phrase]) in one_line(README)
    assert PHRASES["regulatory_state"].rstrip(".") in one_line(README).replace("**", "")


def test_the_map_of_the_clinical_app_names_every_module_and_no_other() -> None:
    folder = ROOT / "exams"
    text = (folder / "README.md").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`(?:services/)?([a-z_]+\.py)`", text) if (folder / name).exists()}
    modules = {path.name for path in folder.glob("*.py")} - {"__init__.py", "apps.py"}
    assert modules - named == set()
    places = re.findall(r"`([a-z_/]+(?:\.py|\.toml|/))`", text)
    assert [p for p in places if not ((folder / p).exists() or (folder / "services" / p).exists())] == []
