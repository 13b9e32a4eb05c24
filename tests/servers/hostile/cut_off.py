"""Answers that end too soon, or are not as long as they say."""

from __future__ import annotations

import brotli
import zstandard
from servers.hostile.connection import Connection, behaviour, gzip_of


@behaviour
def close_at_once(to: Connection) -> None:
    """Nothing is sent."""


@behaviour
def reset_at_once(to: Connection) -> None:
    to.reset()


@behaviour
def reset_in_body(to: Connection) -> None:
    to.head("Content-Length: 100000")
    to.send(b"x" * 100)
    to.pause(0.05)
    to.reset()


@behaviour
def length_too_long(to: Connection) -> None:
    to.head("Content-Length: 100")
    to.send("only this")


@behaviour
def length_too_short(to: Connection) -> None:
    to.head("Content-Length: 5")
    to.send(b"hello, and much that was not announced" * 100)


@behaviour
def length_of_5000_digits(to: Connection) -> None:
    to.head(f"Content-Length: {'9' * 5_000}")
    to.send("hello")


@behaviour
def chunks_cut_off(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("5\r\nhello\r\n")


@behaviour
def chunk_of_no_length(to: Connection) -> None:
    to.head("Transfer-Encoding: chunked")
    to.send("many\r\nhello\r\n")


@behaviour
def gzip_cut_off(to: Connection) -> None:
    body = gzip_of(b"hello " * 1_000)[:-9]
    to.head("Content-Encoding: gzip", f"Content-Length: {len(body)}")
    to.send(body)


@behaviour
def brotli_cut_off(to: Connection) -> None:
    body = brotli.compress(bytes(range(256)) * 40)[:-9]
    to.head("Content-Encoding: br", f"Content-Length: {len(body)}")
    to.send(body)


@behaviour
def zstd_cut_off(to: Connection) -> None:
    body = zstandard.compress(bytes(range(256)) * 40)[:-9]
    to.head("Content-Encoding: zstd", f"Content-Length: {len(body)}")
    to.send(body)
