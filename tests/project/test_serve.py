"""python3 run.py: from nothing to a demo that answers, says how to sign in, and stops when told to."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.environment import ROOT

SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """A running `python3 run.py` with a folder of its own."""

    def __init__(self, var: Path) -> None:
        # The settings of this test run must not reach it: it starts as on a person's machine.
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FOOTDROP"))
        }
        environ.pop("DATABASE_URL", None)
        environ |= {"FOOTDROP_VAR": str(var), "PORT": str(free_port()), "HOST": "127.0.0.1"}
        self.url = f"http://127.0.0.1:{environ['PORT']}"
        self.process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        # A silent app must fail the test, not hang it.
        self.watchdog = threading.Timer(SECONDS, self.kill)
        self.watchdog.start()

    def greeting(self) -> str:
        """Return everything it printed until it said how to stop it."""
        lines = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                return "".join(lines)
        raise AssertionError("run.py ended without a greeting: " + "".join(lines))

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=20) as answer:  # noqa: S310 - http, on this machine
            assert answer.status == 200
            return str(answer.read().decode())

    def kill(self) -> None:
        """End it and the server it started, whatever state they are in."""
        self.watchdog.cancel()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and return its exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=20)
        self.watchdog.cancel()
        return status


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def app(var: Path) -> Iterator[App]:
    app = App(var)
    yield app
    app.kill()


def test_it_serves_a_demo_that_says_so_and_how_to_sign_in(app: App, var: Path) -> None:
    greeting = app.greeting()
    assert f"running on {app.url}\n" in greeting
    assert "therapist@demo.example" in greeting
    assert "supervisor@demo.example" in greeting
    assert app.page("/healthz") == "ok"
    sign_in = app.page("/")
    assert 'name="password"' in sign_in
    assert "demo" in sign_in.lower()
    assert app.stop() == 0

    again = App(var)
    try:
        assert "therapist@demo.example" in again.greeting()
        assert again.stop() == 0
    finally:
        again.kill()
