"""Reads where the app shall listen from HOST and PORT, and tells early when it cannot."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
LARGEST_PORT = 65535
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared with, not bound to


class AddressError(Exception):
    """The app cannot listen where it was asked to; the message is one line that says what to do."""


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        """The address as gunicorn takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as a browser on this machine takes it."""
        host = EVERYWHERE.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"


def wanted_address() -> Address:
    """Return the address that HOST and PORT ask for; raises AddressError when it is wrong or taken."""
    host = os.environ.get("HOST") or DEFAULT_HOST
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_PORT):
        message = f"PORT is {text!r}; it must be a number from 1 to {LARGEST_PORT}."
        raise AddressError(message)
    address = Address(host, int(text))
    _try_to_listen(address)
    return address


def _try_to_listen(address: Address) -> None:
    try:
        family, kind, _, _, target = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":
                # As the server does: a port that a stopped server has just left is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = address.port + 1 if address.port < LARGEST_PORT else DEFAULT_PORT
            message = (
                f"Port {address.port} on {address.host} is in use by another program: "
                f"stop it, or choose another port, for example PORT={other} python3 run.py"
            )
        else:
            message = (
                f"The app cannot listen on {address.bind}: {error.strerror or error}. Set HOST and PORT."
            )
        raise AddressError(message) from error
