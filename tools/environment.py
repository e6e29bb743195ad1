"""Makes the project's own Python environment, `.venv`, and keeps it at what the lock says.

Runs under the machine's Python before anything is installed, so it needs the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
LOG = ROOT / ".cache" / "install.log"
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
ORACLE = ROOT / "requirements-oracle.lock"
OFFLINE = (
    "NewConnectionError",
    "ConnectTimeout",
    "name resolution",
    "Could not find a version",
    "ProxyError",
)


class NotReadyError(Exception):
    """The environment could not be made; the message is one line that says what to do."""


def python() -> Path:
    """Return the environment's Python program."""
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def locks_of(command: str) -> tuple[Path, ...]:
    """Return what a command of run.py needs, in the order of installing.

    Only the app does without the test packages; only tests and figures compare the engine with an oracle.
    """
    if command == "serve":
        return (RUNTIME,)
    return (DEVELOPMENT, ORACLE) if command in {"test", "bench"} else (DEVELOPMENT,)


def prepare(lock: Path) -> None:
    """Bring `.venv` to what the lock says; takes milliseconds when nothing has changed.

    Raises NotReadyError when the environment or a package cannot be had.
    """
    if _is_fresh(lock):
        return
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("", encoding="utf-8")
    if not _starts(python()):
        print("Making the Python environment in .venv ...", flush=True)
        _make()
    print(f"Installing the packages of {lock.name} (about a minute the first time) ...", flush=True)
    _install(lock)
    _stamp(lock).write_text(_digest(lock), encoding="utf-8")
    if lock == DEVELOPMENT:
        # The development lock holds every package of the run-time lock, at the same versions.
        _stamp(RUNTIME).write_text(_digest(RUNTIME), encoding="utf-8")


def _stamp(lock: Path) -> Path:
    return FOLDER / f"{lock.name}.sha256"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _is_fresh(lock: Path) -> bool:
    stamp = _stamp(lock)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _digest(lock) and _starts(python())


def _starts(program: Path) -> bool:
    """Tell whether an environment's Python is there and still runs: the Python below it may be gone."""
    try:
        return subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str]) -> bool:
    """Run a command with its output in the log, and tell whether it succeeded."""
    with LOG.open("a", encoding="utf-8") as log:
        return (
            subprocess.run(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False).returncode
            == 0
        )


def _can_make() -> bool:
    """Tell whether this Python can put pip into an environment: Debian's may lack its wheels."""
    return _run([sys.executable, "-c", "from ensurepip import bootstrap"])


def _make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    if not _can_make():
        _add_ensurepip()
    if not _run([sys.executable, "-m", "venv", str(FOLDER)]):
        message = (
            f"The Python environment could not be made in {FOLDER.name}; the reason stands in {_log_name()}."
        )
        raise NotReadyError(message)


def _add_ensurepip() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print(f"Python's venv module is incomplete here: installing Debian's {package} ...", flush=True)
        _run(["apt-get", "update"])
        _run(["apt-get", "install", "-y", "--no-install-recommends", package])
        if _can_make():
            return
    message = (
        f"Python's venv module is incomplete on this machine: install it "
        f"(on Debian and Ubuntu: sudo apt install {package}) and start again."
    )
    raise NotReadyError(message)


def _install(lock: Path) -> None:
    command = [
        str(python()),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "-r",
        str(lock),
    ]
    if not _run([*command, "--retries", "2", "--disable-pip-version-check", "--no-input"]):
        raise NotReadyError(_why_not_installed(lock))
    # Tools started by name from .venv find the project's packages as `python manage.py` does.
    for packages in FOLDER.glob("[Ll]ib/**/site-packages"):
        (packages / "footdrop-root.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def _why_not_installed(lock: Path) -> str:
    output = LOG.read_text(encoding="utf-8")
    if any(sign in output for sign in OFFLINE):
        return (
            f"The packages of {lock.name} could not be downloaded: no network, or the package index cannot "
            f"be reached. Nothing was lost; start again when online (details: {_log_name()})."
        )
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    reason = errors[-1] if errors else "pip failed"
    return f"The packages of {lock.name} could not be installed: {reason} (details: {_log_name()})."


def _log_name() -> str:
    return LOG.relative_to(ROOT).as_posix()
