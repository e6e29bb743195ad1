"""Reads settings from the environment and refuses, aloud, a value that cannot be right."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 50


def flag(name: str) -> bool:
    """Return the switch `name`: "1" is on, "0" or nothing is off, anything else is refused."""
    value = os.environ.get(name, "")
    if value not in {"", "0", "1"}:
        message = f"{name} must be 1 or 0, not {value!r}."
        raise ImproperlyConfigured(message)
    return value == "1"


def number(name: str, default: int) -> int:
    """Return the whole number `name`, not below zero."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        message = f"{name} must be a whole number, not {value!r}."
        raise ImproperlyConfigured(message)
    return int(value)


def names(name: str) -> list[str]:
    """Return the comma-separated names in `name`, blanks dropped."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def secret(name: str, *, kept_in: Path | None) -> str:
    """Return the secret `name`, from the environment or from the file that `name`_FILE points to.

    Args:
        name: the variable's name.
        kept_in: the folder in which a demo, development or test copy keeps a secret that it made
            itself; None for a served clinic, which must bring its own, because the audit trail can
            only be verified with the key it was written with.
    """
    value = os.environ.get(name, "")
    named = os.environ.get(f"{name}_FILE", "")
    if not value and named:
        try:
            value = Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{name}_FILE cannot be read: {error.strerror}."
            raise ImproperlyConfigured(message) from error
    if not value and kept_in:
        value = _own_secret(kept_in / name.lower())
    if len(value) < SHORTEST_SECRET:
        message = (
            f"{name} must hold {SHORTEST_SECRET} random characters or more: set it, or point {name}_FILE to "
            f"a file that holds it. To try footdrop with invented patients: FOOTDROP_DEMO=1, as run.py does."
        )
        raise ImproperlyConfigured(message)
    return value


def _own_secret(path: Path) -> str:
    """Return the secret in `path`; the first process to ask makes it."""
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(60), encoding="ascii")
        try:
            # A link, not a rename: of two processes starting together the first one's secret stays.
            path.hardlink_to(own)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text(encoding="ascii").strip()
