"""A server that does to a client whatever servers do, on raw sockets.

`Hostile` listens on loopback; the first segment of the path names the behaviour. Each behaviour gets the connection
after the request was read, and may write what it likes. All of them stop when the client is gone or the server closes.
"""

from __future__ import annotations

import functools
import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Self
from urllib.parse import unquote

import brotli
import zstandard

Behaviour = Callable[["Connection"], None]
BEHAVIOURS: dict[str, Behaviour] = {}

_MEGABYTE = 1024 * 1024


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


def _behaviour(function: Behaviour) -> Behaviour:
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


def _no_robots(to: Connection) -> None:
    """There is no robots.txt, nor anything else without a name."""
    to.head("Content-Length: 0", status="404 Not Found")


@_behaviour
def fine(to: Connection) -> None:
    to.head("Content-Type: text/html", "Content-Length: 5")
    to.send("hello")


# --- slow and endless -------------------------------------------------------------------------------------------------


@_behaviour
def drip_headers(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\n")
    while True:
        to.send("x")
        to.pause(0.02)


@_behaviour
def drip_body(to: Connection) -> None:
    to.head("Content-Length: 100000")
    while True:
        to.send("x")
        to.pause(0.02)


@_behaviour
def drip_chunks(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1\r\nx\r\n")
        to.pause(0.02)


@_behaviour
def hang(to: Connection) -> None:
    to.pause(60)


@_behaviour
def hang_in_body(to: Connection) -> None:
    to.head("Content-Length: 10")
    to.send("half ")
    to.pause(60)


@_behaviour
def endless_chunks(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1000\r\n", b"x" * 0x1000, "\r\n")


@_behaviour
def endless_empty_extensions(to: Connection) -> None:
    """One byte a chunk, each announced with a long extension: much wire, no body."""
    to.head("Transfer-Encoding: chunked")
    while True:
        to.send("1;", b"e" * 4_000, "\r\nx\r\n")


@_behaviour
def endless_body(to: Connection) -> None:
    to.head("Content-Type: text/html")
    while True:
        to.send(b"x" * 65_536)


@_behaviour
def announces_a_terabyte(to: Connection) -> None:
    to.head("Content-Length: 1099511627776")
    to.pause(60)


@_behaviour
def header_flood(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\n")
    while True:
        to.send("X-Flood: ", b"x" * 1_000, "\r\n")


@_behaviour
def one_endless_header(to: Connection) -> None:
    to.send("HTTP/1.1 200 OK\r\nX-Flood: ")
    while True:
        to.send(b"x" * 4_096)


@_behaviour
def endless_interim_answers(to: Connection) -> None:
    while True:
        to.send("HTTP/1.1 102 Processing\r\n\r\n" * 100)


@_behaviour
def endless_trailers(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("5\r\nhello\r\n0\r\n")
    while True:
        to.send("X-Flood: ", b"x" * 1_000, "\r\n")


# --- cut off ----------------------------------------------------------------------------------------------------------


@_behaviour
def close_at_once(to: Connection) -> None:
    """Nothing is sent."""


@_behaviour
def reset_at_once(to: Connection) -> None:
    to.reset()


@_behaviour
def reset_in_body(to: Connection) -> None:
    to.head("Content-Length: 100000")
    to.send(b"x" * 100)
    to.pause(0.05)
    to.reset()


@_behaviour
def length_too_long(to: Connection) -> None:
    to.head("Content-Length: 100")
    to.send("only this")


@_behaviour
def length_too_short(to: Connection) -> None:
    to.head("Content-Length: 5")
    to.send(b"hello, and much that was not announced" * 100)


@_behaviour
def length_of_5000_digits(to: Connection) -> None:
    to.head(f"Content-Length: {'9' * 5_000}")
    to.send("hello")


@_behaviour
def chunks_cut_off(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("5\r\nhello\r\n")


@_behaviour
def chunk_of_no_length(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("many\r\nhello\r\n")


def _gzip_of(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


@_behaviour
def gzip_cut_off(to: Connection) -> None:
    body = _gzip_of(b"hello " * 1_000)[:-9]
    to.head("Content-Encoding: gzip", f"Content-Length: {len(body)}")
    to.send(body)


@_behaviour
def brotli_cut_off(to: Connection) -> None:
    body = brotli.compress(bytes(range(256)) * 40)[:-9]
    to.head("Content-Encoding: br", f"Content-Length: {len(body)}")
    to.send(body)


@_behaviour
def zstd_cut_off(to: Connection) -> None:
    body = zstandard.compress(bytes(range(256)) * 40)[:-9]
    to.head("Content-Encoding: zstd", f"Content-Length: {len(body)}")
    to.send(body)


# --- bombs and lies ---------------------------------------------------------------------------------------------------


@functools.cache
def _zeros(coding: str) -> bytes:
    """64 MB of nothing, packed."""
    zeros = bytes(64 * _MEGABYTE)
    if coding == "br":
        return brotli.compress(zeros, quality=5)
    return {"gzip": _gzip_of, "deflate": zlib.compress, "zstd": zstandard.compress}[coding](zeros)


def _bomb(to: Connection, coding: str, body: bytes) -> None:
    to.head(f"Content-Encoding: {coding}", f"Content-Length: {len(body)}")
    to.send(body)


@_behaviour
def gzip_bomb(to: Connection) -> None:
    _bomb(to, "gzip", _zeros("gzip"))


@_behaviour
def gzip_in_gzip_bomb(to: Connection) -> None:
    _bomb(to, "gzip, gzip", _gzip_of(_zeros("gzip")))


@_behaviour
def deflate_bomb(to: Connection) -> None:
    _bomb(to, "deflate", _zeros("deflate"))


@_behaviour
def brotli_bomb(to: Connection) -> None:
    _bomb(to, "br", _zeros("br"))


@_behaviour
def zstd_bomb(to: Connection) -> None:
    _bomb(to, "zstd", _zeros("zstd"))


@_behaviour
def zstd_wide_window(to: Connection) -> None:
    """A frame that asks the reader to hold 128 MB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    _bomb(to, "zstd", compressor.compress(b"x" * 1_000) + compressor.flush())


@_behaviour
def not_gzip(to: Connection) -> None:
    _bomb(to, "gzip", b"<html>plain all along</html>")


@_behaviour
def not_brotli(to: Connection) -> None:
    _bomb(to, "br", b"\xff" * 100)


@_behaviour
def not_zstd(to: Connection) -> None:
    _bomb(to, "zstd", b"<html>plain all along</html>")


@_behaviour
def five_codings(to: Connection) -> None:
    _bomb(to, "gzip, gzip, gzip, gzip, gzip", _gzip_of(b"hello"))


@_behaviour
def coding_not_asked_for(to: Connection) -> None:
    _bomb(to, "compress", b"hello")


@_behaviour
def wrong_charset(to: Connection) -> None:
    to.head("Content-Type: text/html; charset=utf-8", "Content-Length: 4")
    to.send(b"caf\xe9")


@_behaviour
def not_http(to: Connection) -> None:
    to.send("220 mail.example ESMTP ready\r\n\r\n")


@_behaviour
def binary_noise(to: Connection) -> None:
    to.send(bytes(range(256)) * 10)


# --- redirects --------------------------------------------------------------------------------------------------------


def _redirect(to: Connection, target: str, status: str = "302 Found") -> None:
    to.head(f"Location: {target}", "Content-Length: 0", status=status)


@_behaviour
def redirect_to_self(to: Connection) -> None:
    _redirect(to, to.path)


@_behaviour
def ping(to: Connection) -> None:
    _redirect(to, "/pong")


@_behaviour
def pong(to: Connection) -> None:
    _redirect(to, "/ping")


@_behaviour
def redirect_chain(to: Connection) -> None:
    """Always one further."""
    number = int(to.path.rpartition("/")[2]) if to.path.count("/") > 1 else 0
    _redirect(to, f"/redirect-chain/{number + 1}")


@_behaviour
def redirect_nowhere(to: Connection) -> None:
    to.head("Content-Length: 0", status="301 Moved Permanently")


@_behaviour
def redirect_to(to: Connection) -> None:
    """To what the query says."""
    _redirect(to, unquote(to.path.partition("?")[2]))


@_behaviour
def redirect_in_utf8(to: Connection) -> None:
    _redirect(to, "/fine/\u00fc".encode().decode("latin-1"), "301 Moved Permanently")


# --- statuses ---------------------------------------------------------------------------------------------------------


def retry_date(seconds: float) -> str:
    """`Retry-After` as an HTTP date."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _refuse(to: Connection, status: str, retry_after: str) -> None:
    to.head(f"Retry-After: {retry_after}", "Content-Length: 0", status=status)


@_behaviour
def busy_429_seconds(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", "120")


@_behaviour
def busy_429_date(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", retry_date(120))


@_behaviour
def busy_503_seconds(to: Connection) -> None:
    _refuse(to, "503 Service Unavailable", "120")


@_behaviour
def busy_503_date(to: Connection) -> None:
    _refuse(to, "503 Service Unavailable", retry_date(120))


@_behaviour
def busy_429_nonsense(to: Connection) -> None:
    _refuse(to, "429 Too Many Requests", "soon")


@_behaviour
def status(to: Connection) -> None:
    """The status in the path: ``/status/418``."""
    to.head("Content-Length: 0", status=f"{to.path.rpartition('/')[2]} Said So")


@_behaviour
def part_not_asked_for(to: Connection) -> None:
    to.head("Content-Range: bytes 0-4/500", "Content-Length: 5", status="206 Partial Content")
    to.send("hello")
