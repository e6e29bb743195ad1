"""run.py: one clear line and exit 1 when it cannot start, and a sum that cannot hide a failed run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import run
from tools import address, environment, suite
from tools.address import Address
from tools.suite import Outcome

ROOT = Path(run.__file__).parent


def start(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run run.py as a person would and return what came of it."""
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *fragments: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    for fragment in fragments:
        assert fragment in done.stderr


def test_a_port_in_use_is_said_in_one_line_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = start(PORT=str(port), HOST="127.0.0.1")
    assert_one_line(done, f"Port {port}", "in use", f"PORT={port + 1}")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty", "８０００"])
def test_a_port_that_is_none_is_said_in_one_line(port: str) -> None:
    assert_one_line(start(PORT=port), "PORT", "1 to 65535")


def test_a_host_that_is_not_this_machine_is_said_in_one_line() -> None:
    assert_one_line(start(HOST="192.0.2.1"), "192.0.2.1", "HOST")


def test_an_unknown_command_shows_the_known_ones() -> None:
    done = start("tets")
    assert done.returncode == 1
    assert "run.py test" in done.stderr


@pytest.mark.parametrize(
    ("version", "is_refused"), [((3, 9), True), ((3, 10), True), ((3, 11), False), ((4, 0), False)]
)
def test_a_python_that_is_too_old_is_named_beside_the_wanted_one(
    version: tuple[int, int],
    is_refused: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = run.too_old(version)
    assert (line is not None) == is_refused
    if line is not None:
        monkeypatch.setattr(sys, "version_info", (*version, 1, "final", 0))
        assert run.main([]) == 1
        printed = capsys.readouterr()
        assert printed.err == f"{line}\n"
        assert "3.11" in line
        assert f"{version[0]}.{version[1]}" in line


@pytest.fixture
def bare_project(tmp_path: Path) -> Path:
    """A copy of what run.py needs before anything is installed, with an environment that holds only pip."""
    for name in ("run.py", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    venv.create(tmp_path / ".venv", with_pip=True)
    return tmp_path


def test_without_a_network_one_line_says_so(bare_project: Path) -> None:
    # Nothing listens on port 9, so no index answers and no wheel is at hand.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environ |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PORT": "48613",
    }
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=bare_project, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "no network" in done.stderr
    assert not (bare_project / ".venv" / "requirements.lock.sha256").exists()


def test_without_ensurepip_and_without_the_right_to_install_it_one_line_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "FOLDER", tmp_path / ".venv")
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "_can_make", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(environment.NotReadyError, match=r"apt install python3\.\d+-venv"):
        environment.prepare(environment.RUNTIME)


def test_an_environment_at_the_lock_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    environment.prepare(environment.RUNTIME)
    assert capsys.readouterr().out == ""


def test_a_changed_lock_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "requirements.lock"
    changed.write_bytes(environment.RUNTIME.read_bytes() + b"# one line more\n")
    installed: list[Path] = []
    monkeypatch.setattr(environment, "_install", installed.append)
    monkeypatch.setattr(environment, "_stamp", lambda lock: tmp_path / f"{lock.name}.sha256")
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    environment.prepare(changed)
    environment.prepare(changed)
    assert installed == [changed]


@pytest.mark.parametrize(
    ("command", "locks"),
    [
        ("serve", ["requirements.lock"]),
        ("check", ["requirements-dev.lock"]),
        ("test", ["requirements-dev.lock", "requirements-oracle.lock"]),
        ("bench", ["requirements-dev.lock", "requirements-oracle.lock"]),
    ],
)
def test_a_command_installs_what_it_needs_and_no_more(
    command: str, locks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[Path] = []
    started: list[str] = []

    def start_nothing(module: str, _arguments: list[str]) -> int:
        started.append(module)
        return 0

    monkeypatch.setattr(environment, "prepare", prepared.append)
    monkeypatch.setattr(address, "wanted_address", lambda: None)
    monkeypatch.setattr(run, "start", start_nothing)
    assert run.main([command]) == 0
    assert [lock.name for lock in prepared] == locks
    assert started == [run.MODULES[command]]


def test_an_oracle_that_cannot_be_had_is_said_with_the_name_of_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(_command: list[str]) -> bool:
        (tmp_path / "install.log").write_text("ERROR: Could not find a version that satisfies pyagrum")
        return False

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    monkeypatch.setattr(environment, "_stamp", lambda lock: tmp_path / f"{lock.name}.sha256")
    monkeypatch.setattr(environment, "_run", offline)
    with pytest.raises(environment.NotReadyError, match=r"requirements-oracle\.lock .*no network"):
        environment.prepare(environment.ORACLE)
    assert not (tmp_path / "requirements-oracle.lock.sha256").exists()


def test_the_address_is_one_that_a_browser_can_open() -> None:
    assert Address("127.0.0.1", 8000).url == "http://127.0.0.1:8000"
    assert Address("0.0.0.0", 80).url == "http://127.0.0.1:80"
    assert Address("::1", 8000).url == "http://[::1]:8000"
    assert Address("::1", 8000).bind == "[::1]:8000"


GOOD = Outcome("sqlite", status=0, passed=120, failed=0, skipped=0)


@pytest.mark.parametrize(
    ("second", "line", "status"),
    [
        (Outcome("postgresql", status=0, passed=40, failed=0, skipped=0), "160 passed, 0 failed", 0),
        (Outcome("postgresql", status=1, passed=38, failed=2, skipped=0), "158 passed, 2 failed", 1),
        (Outcome("postgresql", status=1, passed=39, failed=0, skipped=1), "159 passed, 1 failed", 1),
        (Outcome("postgresql", status=0, passed=39, failed=0, skipped=1), "159 passed, 1 failed", 1),
        (Outcome("postgresql", status=5, passed=0, failed=0, skipped=0), "120 passed, 1 failed", 1),
        (Outcome("postgresql", status=0, passed=0, failed=0, skipped=0), "120 passed, 1 failed", 1),
        (Outcome("postgresql", status=4, passed=0, failed=0, skipped=0), "120 passed, 1 failed", 1),
        (Outcome("postgresql", status=-9, passed=12, failed=0, skipped=0), "132 passed, 1 failed", 1),
    ],
    ids=["good", "failed", "skipped", "skipped unnoticed", "none", "none unnoticed", "no database", "killed"],
)
def test_the_closing_line_sums_all_runs_and_hides_none(second: Outcome, line: str, status: int) -> None:
    assert suite.summary([GOOD, second]) == (line, status)
    assert suite.summary([second, GOOD]) == (line, status)


def test_no_run_at_all_is_a_failure() -> None:
    assert suite.summary([])[1] == 1


def test_the_long_tier_runs_on_request_only() -> None:
    assert suite.selection([]) == ["-n", "2", "--dist", "worksteal", "-m", "not long"]
    assert suite.selection(["--all"]) == ["-n", "2", "--dist", "worksteal"]
    assert suite.selection(["-n0", "tests/web"]) == ["-m", "not long", "-n0", "tests/web"]


def test_a_skipped_or_excused_test_fails_its_run(tmp_path: Path) -> None:
    sample = tmp_path / "test_sample.py"
    for outcome in ("pytest.skip('no')", "pytest.xfail('known')"):
        sample.write_text(
            f"import pytest\ndef test_it():\n    {outcome}\ndef test_good():\n    assert True\n"
        )
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path)),
                *("-p", "no:django", "-p", "tests.plugins.tally", str(sample)),
            ],
            cwd=ROOT,
            env=os.environ | {"FOOTDROP_TEST_COUNTS": str(tmp_path / "counts.json")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        assert "skips nothing" in done.stdout
        assert '"skipped": 1' in (tmp_path / "counts.json").read_text()
