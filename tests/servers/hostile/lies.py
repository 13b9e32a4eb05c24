"""Answers that are far larger than they look, or none of what they say."""

from __future__ import annotations

import functools
import zlib

import brotli
import zstandard
from servers.hostile.connection import MEGABYTE, Connection, behaviour, gzip_of


@functools.cache
def _zeros(coding: str) -> bytes:
    """64 MB of nothing, packed."""
    zeros = bytes(64 * MEGABYTE)
    if coding == "br":
        return brotli.compress(zeros, quality=5)
    return {"gzip": gzip_of, "deflate": zlib.compress, "zstd": zstandard.compress}[coding](zeros)


def _bomb(to: Connection, coding: str, body: bytes) -> None:
    to.head(f"Content-Encoding: {coding}", f"Content-Length: {len(body)}")
    to.send(body)


@behaviour
def gzip_bomb(to: Connection) -> None:
    _bomb(to, "gzip", _zeros("gzip"))


@behaviour
def gzip_in_gzip_bomb(to: Connection) -> None:
    _bomb(to, "gzip, gzip", gzip_of(_zeros("gzip")))


@behaviour
def deflate_bomb(to: Connection) -> None:
    _bomb(to, "deflate", _zeros("deflate"))


@behaviour
def brotli_bomb(to: Connection) -> None:
    _bomb(to, "br", _zeros("br"))


@behaviour
def zstd_bomb(to: Connection) -> None:
    _bomb(to, "zstd", _zeros("zstd"))


@behaviour
def zstd_wide_window(to: Connection) -> None:
    """A frame that asks the reader to hold 128 MB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    _bomb(to, "zstd", compressor.compress(b"x" * 1_000) + compressor.flush())


@behaviour
def not_gzip(to: Connection) -> None:
    _bomb(to, "gzip", b"<html>plain all along</html>")


@behaviour
def not_brotli(to: Connection) -> None:
    _bomb(to, "br", b"\xff" * 100)


@behaviour
def not_zstd(to: Connection) -> None:
    _bomb(to, "zstd", b"<html>plain all along</html>")


@behaviour
def five_codings(to: Connection) -> None:
    _bomb(to, "gzip, gzip, gzip, gzip, gzip", gzip_of(b"hello"))


@behaviour
def coding_not_asked_for(to: Connection) -> None:
    _bomb(to, "compress", b"hello")


@behaviour
def wrong_charset(to: Connection) -> None:
    to.head("Content-Type: text/html; charset=utf-8", "Content-Length: 4")
    to.send(b"caf\xe9")


@behaviour
def not_http(to: Connection) -> None:
    to.send("220 mail.example ESMTP ready\r\n\r\n")


@behaviour
def binary_noise(to: Connection) -> None:
    to.send(bytes(range(256)) * 10)
