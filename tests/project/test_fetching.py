"""What the suite needs and cannot find or fetch stops it with a sentence; nothing is skipped instead."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.plugins import postgresql
from tools import chromium, vendor
from tools.environment import ROOT


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without a browser: no program on PATH, no download, no cache."""
    monkeypatch.delenv("FOOTDROP_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "MACOS", ())
    monkeypatch.setattr(chromium, "UNPACKED", tmp_path / "cache" / "chromium")
    return tmp_path


def program(path: Path, text: str) -> Path:
    """Write a small program that a shell can start."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_named_chromium_is_taken_before_any_other(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program(nothing_installed / "mine", "echo Chromium 1.2.3")
    program(nothing_installed / "chromium", "echo another")
    monkeypatch.setenv("FOOTDROP_CHROMIUM", str(named))
    found = chromium.find()
    assert found is not None
    assert found.version() == "Chromium 1.2.3"


def test_a_named_chromium_that_is_not_there_is_refused(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTDROP_CHROMIUM", str(nothing_installed / "none"))
    with pytest.raises(chromium.NoBrowserError, match="FOOTDROP_CHROMIUM"):
        chromium.find_or_fetch()


def test_a_chromium_on_the_path_is_found(nothing_installed: Path) -> None:
    assert chromium.find() is None
    there = program(nothing_installed / "google-chrome", "echo Google Chrome 1.2.3")
    assert chromium.find() == chromium.Browser(there)


def test_a_chromium_that_does_not_start_is_said_so(
    nothing_installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(nothing_installed / "chromium", "exit 3")
    assert chromium.main() == 1
    assert "does not start" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_installed")
def test_where_none_can_be_fetched_the_ways_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(chromium.NoBrowserError, match="FOOTDROP_CHROMIUM"):
        chromium.find_or_fetch()


@pytest.mark.usefixtures("nothing_installed")
def test_a_failed_download_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "_npm", lambda: (sys.executable, "-c", "raise SystemExit(1)"))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(chromium.NoBrowserError, match="could not be fetched"):
        chromium.find_or_fetch()


def test_a_tarball_with_another_checksum_is_refused(tmp_path: Path) -> None:
    npm = program(tmp_path / "npm", "echo changed > package-1.0.0.tgz")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ValueError, match="not the pinned one"):
        vendor.pack("package@1.0.0", "sha512-other", folder, (str(npm),))


def test_an_empty_folder_holds_no_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTDROP_PG_BIN", str(tmp_path))
    with pytest.raises(postgresql.ServerError, match="FOOTDROP_PG_BIN"):
        postgresql.find_binaries()


def run_pytest(tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Start the suite on PostgreSQL as a person would, outside this run."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    clean |= {
        "FOOTDROP_TEST_DATABASE": "postgresql",
        "FOOTDROP_TEST_COUNTS": str(tmp_path / "counts"),
    } | environ
    command = [sys.executable, "-m", "pytest", "-q", "tests/project/test_repository.py"]
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


def test_a_run_without_postgresql_fails_and_tests_nothing(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, FOOTDROP_PG_BIN=str(tmp_path))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "No PostgreSQL found" in done.stderr
    assert "passed" not in done.stdout


def test_a_postgresql_that_cannot_start_fails_the_run_in_its_own_words(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Where the tests run as root, the server's own user must be able to read its programs.
        folder.chmod(0o755)
        program(folder / "initdb", "echo no space left; exit 1")
        program(folder / "pg_ctl", "exit 1")
        done = run_pytest(tmp_path, FOOTDROP_PG_BIN=name)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "initdb failed (1): no space left" in done.stderr


def test_an_unknown_database_is_refused(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, FOOTDROP_TEST_DATABASE="oracle")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "sqlite, postgresql" in done.stderr
