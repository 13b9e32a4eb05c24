"""Connections within a budget, to checked addresses only: the network side of the client.

`httpcore` speaks HTTP and asks a network backend for its connections. This backend resolves the name itself, has every
address judged by the guard and connects to a judged address, so that no second look-up can answer differently. The
stream it hands out counts each byte and each second against the budget of the whole exchange, headers, chunk framing
and redirects included: a server that feeds a byte at a time, or headers without end, runs into it like any other.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from storyfold.errors import Rejected, Transient
from storyfold.web.guard import AddressGuard

Resolver = Callable[[str, int], list[str]]
"""Addresses of a host name for a port, in the order to try them; raises `OSError` where there are none."""

_ADDRESSES_TRIED = 4


def system_resolver(host: str, port: int) -> list[str]:
    """What the operating system answers, duplicates removed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Budget:
    """What is left of one exchange's time and wire bytes."""

    def __init__(self, seconds: float, wire_bytes: int) -> None:
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._bytes_left = self._bytes = wire_bytes

    def seconds_left(self, at_most: float | None = None) -> float:
        """Seconds until the deadline, or `at_most`. Raises `Transient` (``time-out``) when none are left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Transient("time-out", f"no complete answer within {self._seconds:g} s")
        return left if at_most is None else min(left, at_most)

    def spend(self, count: int) -> None:
        """Takes `count` bytes. Raises `Rejected` (``too-big``) when more came than is allowed."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise Rejected("too-big", f"the server sent more than {self._bytes} bytes")


class GuardedBackend(httpcore.NetworkBackend):
    """Opens the connections of one exchange."""

    def __init__(self, guard: AddressGuard, resolver: Resolver, budget: Budget, connect_seconds: float) -> None:
        self._guard = guard
        self._resolver = resolver
        self._budget = budget
        self._connect_seconds = connect_seconds
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the budget's time is what counts
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the first judged address that answers. Raises `Rejected` where all are forbidden."""
        refused: Exception | None = None
        for address in self._judged(host, port)[:_ADDRESSES_TRIED]:
            seconds = self._budget.seconds_left(self._connect_seconds)
            try:
                stream = self._sockets.connect_tcp(address, port, seconds, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
            else:
                return _BudgetedStream(stream, self._budget)
        assert refused is not None  # there was at least one address
        raise refused

    def _judged(self, host: str, port: int) -> list[str]:
        addresses = self._addresses(host, port)
        allowed = [address for address in addresses if self._guard.allows(address)]
        if not allowed:
            self._guard.check(addresses[0])
        return allowed

    def _addresses(self, host: str, port: int) -> list[str]:
        if _is_address(host):
            return [host]
        seconds = self._budget.seconds_left(self._connect_seconds)
        try:
            addresses = _within(seconds, lambda: self._resolver(host, port))
        except TimeoutError as error:
            raise Transient("dns", f"no answer about {host} within {seconds:.3g} s") from error
        except (OSError, UnicodeError) as error:
            raise Transient("dns", f"{host} cannot be resolved: {error}") from error
        if not addresses:
            raise Transient("dns", f"{host} has no address")
        return addresses


class _BudgetedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._budget.seconds_left(timeout))
        self._budget.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.seconds_left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            seconds = self._budget.seconds_left(timeout)
        except Transient:
            self.close()
            raise
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _BudgetedStream(stream, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _within(seconds: float, work: Callable[[], list[str]]) -> list[str]:
    """The result of `work`; raises `TimeoutError` after `seconds`.

    The operating system's resolver knows no time limit per call, hence the thread; a late answer goes nowhere.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(work())
        except Exception as error:  # noqa: BLE001 - handed to the caller, who raises it
            answers.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
