"""Starts the app with demo data: brings everything up to date, serves, says where and as whom."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from tools.address import EVERYWHERE, Address, AddressError, wanted_address
from tools.environment import ROOT

SECONDS_TO_START = 60
LOG = ROOT / ".cache" / "start.log"
LONGEST_REASON = 200
WORKERS = 2
THREADS = 4


class StartError(Exception):
    """A step of the start failed; the message is one line."""


def own_names() -> list[str]:
    """The names and addresses by which others may reach this machine."""
    names = {socket.gethostname(), socket.getfqdn()}
    with contextlib.suppress(OSError):
        names.update(str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None))
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing; it tells which address this machine would use.
        probe.connect(("192.0.2.1", 9))
        names.add(probe.getsockname()[0])
    return sorted(f"[{name}]" if ":" in name else name for name in names)


def environment(address: Address) -> dict[str, str]:
    """The settings of a demo copy, where the person who starts it has not said otherwise."""
    hosts = ",".join(own_names()) if address.host in EVERYWHERE else address.host
    defaults = {
        "FOOTDROP_DEMO": "1",
        "FOOTDROP_ALLOWED_HOSTS": hosts,
        "DJANGO_SETTINGS_MODULE": "footdrop.settings",
    }
    return defaults | dict(os.environ)


def manage(environ: dict[str, str], *arguments: str) -> str:
    """Run one management command and return what it printed; raises StartError with its last words."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        LOG.parent.mkdir(exist_ok=True)
        LOG.write_text(done.stdout + done.stderr, encoding="utf-8")
        words = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        last = textwrap.shorten(words[-1], LONGEST_REASON, placeholder=" ...")
        message = f"manage.py {arguments[0]} failed: {last} (details: {LOG.relative_to(ROOT).as_posix()})"
        raise StartError(message)
    return done.stdout


def collect_static(environ: dict[str, str]) -> None:
    """Collect and compress the static files, unless nothing has changed since the last time."""
    state = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            facts = path.stat()
            state.update(f"{path.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    var = ROOT / (environ.get("FOOTDROP_VAR") or "var")
    stamp = var / "static.sha256"
    if (
        (var / "static").is_dir()
        and stamp.exists()
        and stamp.read_text(encoding="utf-8") == state.hexdigest()
    ):
        return
    manage(environ, "collectstatic", "--no-input", "--clear", "--verbosity", "0")
    stamp.write_text(state.hexdigest(), encoding="utf-8")


def server_command(address: Address) -> list[str]:
    """Return the command that serves: gunicorn, or Django's own server where gunicorn does not run."""
    if os.name != "posix":
        return [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", address.bind]
    return [
        *(sys.executable, "-m", "gunicorn", "footdrop.wsgi:application", "--bind", address.bind),
        *(
            "--workers",
            str(WORKERS),
            "--threads",
            str(THREADS),
            "--no-control-socket",
            "--log-level",
            "warning",
        ),
    ]


def wait_until_it_answers(address: Address, is_running: Callable[[], bool]) -> None:
    """Return when the health check answers; raises StartError when the server ends or stays silent."""
    deadline = time.monotonic() + SECONDS_TO_START
    while is_running() and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address.url}/healthz", timeout=5):  # noqa: S310 - our own http address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    message = f"The server did not answer on {address.url}; what it said stands above."
    raise StartError(message)


def serve(address: Address, environ: dict[str, str], welcome: str) -> int:
    """Serve until told to stop; the exit status is 0 when that was a person's wish."""
    server = subprocess.Popen(server_command(address), cwd=ROOT, env=environ)
    stopped = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        server.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        wait_until_it_answers(address, lambda: server.poll() is None)
        print(welcome, flush=True)
    except StartError:
        if not stopped:
            server.terminate()
            server.wait()
            raise
    status = server.wait()
    return 0 if stopped else status or 1


def main() -> int:
    """Start the app and return its exit status."""
    try:
        address = wanted_address()
        environ = environment(address)
        print("Preparing the database and the static files ...", flush=True)
        manage(environ, "migrate", "--no-input", "--verbosity", "0")
        demo = manage(environ, "load_demo").strip() if environ["FOOTDROP_DEMO"] == "1" else ""
        collect_static(environ)
        welcome = "\n".join(
            ("", f"footdrop is running on {address.url}", *filter(None, [demo]), "Stop it with Ctrl-C.")
        )
        return serve(address, environ, welcome)
    except (AddressError, StartError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
