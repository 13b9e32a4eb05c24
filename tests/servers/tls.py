"""A site behind TLS with a certificate for ``news.example`` that nobody has signed but itself."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path
from typing import Self


class TlsSite:
    """Answers every request with ``hello``; `names_asked_for` are the server names of the handshakes."""

    certificate = Path(__file__).with_name("news.example.pem")

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((address, 0))
        self._listener.settimeout(0.05)
        self.host, self.port = self._listener.getsockname()
        self.names_asked_for: list[str | None] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate)
        self._context.sni_callback = lambda _socket, name, _context: self.names_asked_for.append(name)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                plain, _ = self._listener.accept()
            except TimeoutError:
                continue
            plain.settimeout(5)
            try:
                with plain, self._context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(65_536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            except OSError:
                continue  # a client that does not trust the certificate hangs up
