"""Reads the knowledge files that stand beside the code, and names their version and digest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "knowledge"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeVersion:
    """Which knowledge an answer rests on: the newest date in the files, and a hash of all of them."""

    version: str
    digest: str


@cache
def read(name: str) -> dict[str, Any]:
    """Return the parsed knowledge file `name` (without ending). The result is shared: not to be changed."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """Return the names of all knowledge files, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def knowledge_version() -> KnowledgeVersion:
    """Return version and digest of the whole knowledge folder; how files end their lines does not matter."""
    import hashlib  # noqa: PLC0415 - the package loads without it; only an answer names the digest

    digest = hashlib.sha256()
    for name in names():
        text = (FOLDER / f"{name}.toml").read_bytes().replace(b"\r\n", b"\n")
        digest.update(name.encode() + b"\0" + text + b"\0")
    version = max(str(read(name).get("version", "")) for name in names())
    return KnowledgeVersion(version=version, digest=digest.hexdigest()[:16])
