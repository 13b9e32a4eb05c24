"""One client of the hostile server, and the register of what may be done to it."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable

Behaviour = Callable[["Connection"], None]
BEHAVIOURS: dict[str, Behaviour] = {}

MEGABYTE = 1024 * 1024


class Connection:
    """One client. `path` is what it asked for."""

    def __init__(self, sock: socket.socket, path: str, closing: threading.Event, base: str) -> None:
        self._sock = sock
        self._closing = closing
        self.path = path
        self.base = base

    def send(self, *parts: bytes | str) -> None:
        self._sock.sendall(b"".join(part.encode("latin-1") if isinstance(part, str) else part for part in parts))

    def head(self, *lines: str, status: str = "200 OK") -> None:
        self.send(f"HTTP/1.1 {status}\r\n", *(f"{line}\r\n" for line in lines), "\r\n")

    def pause(self, seconds: float) -> None:
        """Waits; raises `ConnectionError` when the server closes meanwhile."""
        if self._closing.wait(seconds):
            raise ConnectionError

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def behaviour(function: Behaviour) -> Behaviour:
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


@behaviour
def fine(to: Connection) -> None:
    to.head("Content-Type: text/html", "Content-Length: 5")
    to.send("hello")


def gzip_of(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)
