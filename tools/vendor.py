"""Copies single files of pinned npm packages into the repository, and lists what is vendored."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKSUMS = ROOT / "static" / "vendor" / "SHA256SUMS"
FONTS = ROOT / "exams" / "pdf" / "fonts"
SOURCE_MAP = re.compile(rb"\n?(?:/\*|//)# sourceMappingURL=[^\n]*\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One npm package: its tarball's pinned checksum, and the files wanted from it."""

    name: str
    version: str
    integrity: str
    folder: Path
    files: tuple[str, ...]


PACKAGES = (
    Package(
        name="htmx.org",
        version="2.0.11",
        integrity="sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        folder=Path("static/vendor/htmx"),
        files=("dist/htmx.min.js", "LICENSE"),
    ),
    Package(
        name="bootstrap",
        version="5.3.8",
        integrity="sha512-HP1SZDqaLDPwsNiqRqi5NcP0SSXciX2s9E+RyqJIIqGo+vJeN5AJVM98CXmW/Wux0nQ5L7jeWUdplCEf0Ee+tg==",
        folder=Path("static/vendor/bootstrap"),
        files=("dist/css/bootstrap.min.css", "LICENSE"),
    ),
    Package(
        name="axe-core",
        version="4.14.1",
        integrity="sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        folder=Path("tests/vendor/axe-core"),
        files=("axe.min.js", "LICENSE"),
    ),
)


def pack(specification: str, integrity: str, folder: Path, npm: tuple[str, ...] = ("npm",)) -> Path:
    """Download one npm tarball into `folder` and return its path.

    Raises ValueError when its sha512 is not the pinned one, CalledProcessError when npm fails.
    """
    command = [*npm, "pack", specification, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    (tarball,) = folder.glob("*.tgz")
    digest = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if digest != integrity:
        message = f"{specification}: the downloaded tarball is not the pinned one (its checksum is {digest})"
        raise ValueError(message)
    return tarball


def vendor(package: Package) -> list[Path]:
    """Copy the wanted files of one package into the repository and return where they are."""
    written = []
    target = ROOT / package.folder
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tarball = pack(f"{package.name}@{package.version}", package.integrity, Path(folder))
        with tarfile.open(tarball) as archive:
            for name in package.files:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    message = f"{package.name} {package.version} has no file {name}"
                    raise ValueError(message)
                destination = target / Path(name).name
                # Django's manifest storage follows a source map's address and fails when it is not there.
                destination.write_bytes(SOURCE_MAP.sub(b"\n", member.read()))
                written.append(destination)
    return written


def main() -> int:
    """Fetch every package again and rewrite the checksum list, in which the report's fonts stand too."""
    vendored = [path for package in PACKAGES for path in vendor(package)]
    vendored += FONTS.iterdir()
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT).as_posix()}"
        for path in sorted(vendored)
    ]
    CHECKSUMS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
