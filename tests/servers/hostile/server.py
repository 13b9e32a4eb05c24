"""The server itself, on a raw socket."""

from __future__ import annotations

import socket
import threading
from typing import Self

from servers.hostile.connection import BEHAVIOURS, Connection


class Hostile:
    """Listens until closed."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((address, 0), backlog=64)
        self._listener.settimeout(0.05)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.host, self.port = self._listener.getsockname()
        self.connections = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._thread.join()
        self._listener.close()

    def url(self, behaviour: str) -> str:
        return f"http://{self.host}:{self.port}/{behaviour}"

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            sock.settimeout(10)
            try:
                path = _path(sock)
                name = path.strip("/").partition("/")[0].partition("?")[0]
                to = Connection(sock, path, self._closing, f"http://{self.host}:{self.port}")
                BEHAVIOURS.get(name, _no_robots)(to)
            except OSError:
                return  # the client had enough


def _path(sock: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65_536)
        if not piece:
            raise ConnectionError
        data += piece
    return data.split(b" ", 2)[1].decode("latin-1")


def _no_robots(to: Connection) -> None:
    """There is no robots.txt, nor anything else without a name."""
    to.head("Content-Length: 0", status="404 Not Found")
