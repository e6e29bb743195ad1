"""A bad network in front of a server: loses requests before it and answers behind it, or all for a while."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

LINE_END = b"\r\n"
HEAD_END = LINE_END * 2
CHUNK = 65_536
SECONDS = 30


@dataclass
class LossyProxy:
    """Passes whole HTTP exchanges on to `server`, or loses them; to the browser `url` is the site itself.

    What is lost is decided by `seed` alone, in the order in which requests come. Requests are passed on as
    they are, with their Host, so that the checks against forged forms see the address that the browser sees.
    Paths that begin with `spared` arrive whenever anything does, and the server is asked once for each:
    a browser keeps the scripts of a page it has seen before.
    """

    server: str
    seed: int
    lost_requests: float = 0.3
    lost_answers: float = 0.3
    delay: float = 0.0
    spared: tuple[str, ...] = ("/static/",)
    lost_before: int = 0
    lost_behind: int = 0
    passed: int = 0
    _offline_until: float = 0.0
    _kept: dict[bytes, bytes] = field(init=False, default_factory=dict)
    _random: Random = field(init=False)
    _door: socket.socket = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - a game of chance that can be played again
        self._door = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        """The address at which the site is found behind this network."""
        return f"http://localhost:{self._door.getsockname()[1]}"

    @property
    def is_offline(self) -> bool:
        """Whether nothing at all gets through."""
        return time.monotonic() < self._offline_until

    def go_offline(self, seconds: float) -> None:
        """Lose everything for so long, scripts and styles as well."""
        self._offline_until = time.monotonic() + seconds

    @contextmanager
    def running(self) -> Iterator[LossyProxy]:
        """Pass exchanges on until the block ends."""
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            # A listener that is only closed would go on waiting for one more caller.
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            thread.join(SECONDS)

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.settimeout(SECONDS)
            request = _message(caller)
            if not request:
                return
            before, behind = self._fate(request)
            if before:
                return
            answer = self._answer(request)
            time.sleep(self.delay)
            if not behind and not self.is_offline:
                caller.sendall(answer)

    def _fate(self, request: bytes) -> tuple[bool, bool]:
        """Decide whether this request is lost, and whether its answer is."""
        path = request.split(b" ", 2)[1].decode("ascii", "replace")
        with self._lock:
            if self.is_offline:
                self.lost_before += 1
                return True, True
            if path.startswith(self.spared):
                return False, False
            before = self._random.random() < self.lost_requests
            behind = not before and self._random.random() < self.lost_answers
            self.lost_before += before
            self.lost_behind += behind
            self.passed += not before and not behind
            return before, behind

    def _answer(self, request: bytes) -> bytes:
        """Return what was kept of a script or style, or ask the server."""
        method, path, _ = request.split(b" ", 2)
        if method != b"GET" or not path.decode("ascii", "replace").startswith(self.spared):
            return self._ask(request)
        if path not in self._kept:
            self._kept[path] = self._ask(_unconditional(request))
        return self._kept[path]

    def _ask(self, request: bytes) -> bytes:
        """Return the server's whole answer, and let no connection be used twice."""
        parts = urlsplit(self.server)
        with socket.create_connection((parts.hostname or "", parts.port or 0), SECONDS) as server:
            server.sendall(_closing(request))
            found = []
            while piece := server.recv(CHUNK):
                found.append(piece)
        return _closing(b"".join(found))


def _message(caller: socket.socket) -> bytes:
    """Read one request, head and body; empty when the caller went away."""
    found = b""
    while HEAD_END not in found:
        piece = caller.recv(CHUNK)
        if not piece:
            return b""
        found += piece
    head, _, body = found.partition(HEAD_END)
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.split(LINE_END)
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        piece = caller.recv(CHUNK)
        if not piece:
            return b""
        body += piece
    return head + HEAD_END + body


def _closing(message: bytes) -> bytes:
    """Return the message saying that its connection ends: a browser repeats unseen on one used before."""
    head, end, body = _without(message, b"connection:").partition(HEAD_END)
    return head + LINE_END + b"Connection: close" + end + body


def _unconditional(request: bytes) -> bytes:
    """Return the request for the whole thing, whatever the browser has of it."""
    return _without(request, b"if-")


def _without(message: bytes, start: bytes) -> bytes:
    """Return the message without the header lines that begin so."""
    head, _, body = message.partition(HEAD_END)
    lines = [line for line in head.split(LINE_END) if not line.lower().startswith(start)]
    return LINE_END.join(lines) + HEAD_END + body
