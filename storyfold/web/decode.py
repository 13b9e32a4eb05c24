"""Content codings undone in bounded steps.

Every coding is a reader over a reader: asked for `n` bytes it gives about that many at most (never more than a few
megabytes), whatever its input would blow up to. So a bomb is noticed by whoever counts what comes out, before it is in
memory, and codings can be stacked. Input that ends before its coding does is `Transient` (``truncated``), input that is
not of its coding is `Transient` (``bad-encoding``): both are faults of one answer, and the next may be whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from storyfold.errors import Rejected, Transient

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
STEP = 64 * 1024
"""Bytes that one read asks for."""

_MAX_CODINGS = 2
_ZSTD_WINDOW = 8 * 1024 * 1024
"""RFC 9659: no HTTP client has to hold more."""


class Reader(Protocol):
    def read(self, size: int) -> bytes:
        """About `size` bytes at most; none at the end."""
        ...


class Wire:
    """The chunks of a body as a reader."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def decoded(wire: Reader, content_encoding: str) -> Reader:
    """The body behind `wire`, whose codings a ``Content-Encoding`` header names in the order they were applied.

    Raises `Rejected` (``unknown-encoding``) for a coding that was not asked for, or for more than two of them.
    """
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if len(names) > _MAX_CODINGS or any(name not in _CODINGS for name in names):
        raise Rejected("unknown-encoding", f"the body is sent as {content_encoding[:80]!r}")
    reader = wire
    for name in reversed(names):
        reader = _CODINGS[name](reader)
    return reader


class _Zlib:
    """gzip (with any number of members) and deflate (with the zlib wrapper, or raw as some servers send it)."""

    def __init__(self, source: Reader, *, gzip: bool) -> None:
        self._source = source
        self._gzip = gzip
        self._stream = None if not gzip else self._member()
        self._input = b""
        self._started = False

    @staticmethod
    def _member() -> zlib._Decompress:
        return zlib.decompressobj(zlib.MAX_WBITS | 16)

    def read(self, size: int) -> bytes:
        while True:
            data = self._input or self._source.read(STEP)
            self._input = b""
            if not data:
                return self._end()
            output = self._step(data, size)
            if output:
                return output

    def _end(self) -> bytes:
        if self._started and self._stream is not None and not self._stream.eof:
            raise Transient("truncated", "the compressed body ends in the middle")
        return b""

    def _step(self, data: bytes, size: int) -> bytes:
        if self._stream is None:
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)
        if self._stream.eof:
            if not (self._gzip and data.startswith(b"\x1f")):
                return b""  # padding after the end is common and harmless
            self._stream = self._member()
        self._started = True
        try:
            output = self._stream.decompress(data, size)
        except zlib.error as error:
            raise Transient("bad-encoding", f"the body is not what its Content-Encoding says: {error}") from error
        self._input = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        return output


class _Brotli:
    def __init__(self, source: Reader) -> None:
        self._source = source
        self._stream = brotli.Decompressor()
        self._started = False

    def read(self, size: int) -> bytes:
        while not self._stream.is_finished():
            data = self._source.read(STEP) if self._stream.can_accept_more_data() else b""
            starved = not data and self._stream.can_accept_more_data()
            if starved and not self._started:
                return b""  # an empty body
            self._started = True
            output = self._step(data, size)
            if output:
                return output
            if starved and not self._stream.is_finished():
                raise Transient("truncated", "the compressed body ends in the middle")
        return b""

    def _step(self, data: bytes, size: int) -> bytes:
        """The next output; with no `data`, what the stream still holds back."""
        try:
            output: bytes = self._stream.process(data, output_buffer_limit=size)
        except brotli.error as error:
            raise Transient("bad-encoding", f"the body is not what its Content-Encoding says: {error}") from error
        return output


class _Zstandard:
    """Any number of frames. The library takes no limit on its output, so its input is fed in slices so small that none
    can blow up to more than a few blocks (128 KiB each, four bytes at the least)."""

    _SLICE = 32

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._stream = self._frame()
        self._input = memoryview(b"")
        self._inside = False

    @staticmethod
    def _frame() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def read(self, size: int) -> bytes:
        pieces: list[bytes] = []
        got = 0
        while got < size:
            data = self._next_slice()
            if not data:
                break
            pieces.append(self._step(data))
            got += len(pieces[-1])
        return b"".join(pieces)

    def _next_slice(self) -> bytes:
        if not self._input:
            self._input = memoryview(self._source.read(STEP))
            if not self._input and self._inside:
                raise Transient("truncated", "the compressed body ends in the middle")
        data, self._input = bytes(self._input[: self._SLICE]), self._input[self._SLICE :]
        return data

    def _step(self, data: bytes) -> bytes:
        try:
            output = self._stream.decompress(data)
        except zstandard.ZstdError as error:
            raise Transient("bad-encoding", f"the body is not what its Content-Encoding says: {error}") from error
        self._inside = not self._stream.eof
        if self._stream.eof:
            self._input = memoryview(self._stream.unused_data + bytes(self._input))
            self._stream = self._frame()
        return output


def _gzip(source: Reader) -> Reader:
    return _Zlib(source, gzip=True)


def _deflate(source: Reader) -> Reader:
    return _Zlib(source, gzip=False)


_CODINGS: dict[str, Callable[[Reader], Reader]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}
