"""One exchange with servers: requests that share a budget of seconds and bytes, and answers read within the limits."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from storyfold.errors import FateError, Rejected
from storyfold.web.answers import fault_of_connection
from storyfold.web.connect import Budget, GuardedBackend
from storyfold.web.decode import STEP, Reader, Wire, decoded

_NETWORK_ERRORS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost. The 99.9th percentile of news pages and feeds lies far under the sizes."""

    wire_bytes: int = 10_000_000
    """Bytes received, headers and redirects included."""
    decoded_bytes: int = 20_000_000
    """Bytes of the body after its content coding is undone."""
    total_seconds: float = 30.0
    """From the first look-up to the last byte."""
    connect_seconds: float = 10.0
    """For a look-up, and for a connection to one address."""
    redirects: int = 5


class Exchange:
    """Requests that share one budget."""

    def __init__(self, budget: Budget, backend: GuardedBackend, tls: ssl.SSLContext, limits: Limits) -> None:
        self._budget = budget
        self._backend = backend
        self._tls = tls
        self._limits = limits

    @contextmanager
    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Iterator[Answer]:
        """The answer with its body still to be read; the connection is closed afterwards."""
        parts = urlsplit(url)
        request = httpcore.Request(
            method,
            url,
            headers=[("host", parts.netloc), *headers.items()],
            content=body,
            extensions={"timeout": self._timeouts()},
        )
        connection = httpcore.HTTPConnection(request.url.origin, self._tls, network_backend=self._backend)
        try:
            yield Answer(self._response(connection, request), self._budget, self._limits)
        finally:
            connection.close()

    def _response(self, connection: httpcore.HTTPConnection, request: httpcore.Request) -> httpcore.Response:
        try:
            return connection.handle_request(request)
        except _NETWORK_ERRORS as error:
            raise fault_of_connection(error, in_body=False) from error

    def _timeouts(self) -> dict[str, float]:
        seconds = self._limits.total_seconds
        return {"connect": self._limits.connect_seconds, "read": seconds, "write": seconds}


class Answer:
    """Status and headers of an answer, its body still to be read. `headers` as in `Fetched`."""

    def __init__(self, response: httpcore.Response, budget: Budget, limits: Limits) -> None:
        self.status = response.status
        self.headers = _joined(response.headers)
        self._response = response
        self._budget = budget
        self._limits = limits

    def read(self) -> bytes:
        """The decoded body, within the limits."""
        if self.status in {204, 304}:
            return b""
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._limits.wire_bytes:
            raise Rejected("too-big", f"the server announces {announced} bytes")
        try:
            return self._drain(decoded(Wire(self._chunks()), self.headers.get("content-encoding", "")))
        except _NETWORK_ERRORS as error:
            raise fault_of_connection(error, in_body=True) from error

    def begin(self, size: int) -> bytes:
        """Up to `size` bytes of the body as it is sent; less where it breaks off: the status has come already."""
        body = bytearray()
        try:
            for chunk in self._chunks():
                body += chunk
                if len(body) >= size:
                    break
        except (FateError, *_NETWORK_ERRORS):
            return bytes(body[:size])
        return bytes(body[:size])

    def _chunks(self) -> Iterator[bytes]:
        for chunk in self._response.iter_stream():
            self._budget.seconds_left()
            yield chunk

    def _drain(self, reader: Reader) -> bytes:
        body = bytearray()
        while piece := reader.read(STEP):
            self._budget.seconds_left()
            body += piece
            if len(body) > self._limits.decoded_bytes:
                raise Rejected("too-big", f"the body is larger than {self._limits.decoded_bytes} bytes once decoded")
        return bytes(body)


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
