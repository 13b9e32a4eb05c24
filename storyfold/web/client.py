"""The HTTP client: guarded, bounded, honest.

One exchange holds to one budget of seconds and bytes, redirects included, and each of its connections goes to an
address the guard has judged. It keeps no cookies and no connections, reads no proxy from the environment, and takes
certificate errors for errors. How an exchange can end:

====================  =========  =====================================================================
reason                error      when
====================  =========  =====================================================================
(answer)              none       2xx, and 304 to a conditional request
``forbidden-address`` Rejected   the host (or a redirect's) has no address that may be connected to
``not-found``         Rejected   404
``gone``              Rejected   410
``unauthorized``      Rejected   401, 402
``forbidden``         Rejected   403, 451
``client-error``      Rejected   any other 4xx
``bad-redirect``      Rejected   a redirect without a target, or to what is no web address; another 3xx
``redirect-loop``     Rejected   a redirect to where it came from, or more redirects than allowed
``too-big``           Rejected   more bytes than allowed: announced, on the wire, decoded, or of headers
``unknown-encoding``  Rejected   a content coding that was not asked for
``rate-limited``      Transient  429; `retry_at` from ``Retry-After``
``server-error``      Transient  5xx, 425; `retry_at` from ``Retry-After``
``time-out``          Transient  408, no connection in time, or no complete answer in time
``dns``               Transient  the name cannot be resolved, or not in time
``connection``        Transient  refused, reset, closed without an answer
``tls``               Transient  no secure connection, or a certificate that cannot be trusted
``bad-response``      Transient  what came is not HTTP
``bad-encoding``      Transient  the body is not of the coding its headers name
``truncated``         Transient  the body ends before its length, its chunks or its coding do; a 206
====================  =========  =====================================================================

Whether a content type is welcome is for the caller to say. `BadInput` is raised for a URL that is none.

It is built on `httpcore`, the engine of httpx: what httpx adds on top (cookies, redirects, decoding of whole chunks,
pools) is what has to be done differently here.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import certifi

from storyfold.errors import BadInput, Rejected
from storyfold.web.answers import PERMANENT_REDIRECTS, REDIRECTS, fault_of_status, retry_after
from storyfold.web.connect import Budget, GuardedBackend, Resolver, system_resolver
from storyfold.web.decode import ACCEPT_ENCODING
from storyfold.web.exchange import Answer, Exchange, Limits
from storyfold.web.guard import AddressGuard
from storyfold.web.urls import join, requestable

ACCEPT_PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
ACCEPT_FEED = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer. `headers` have lower-case names; values of one name are joined by a comma."""

    url: str
    """What was asked for, as it was sent."""
    final_url: str
    """Where the redirects ended; equal to `url` without any."""
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    permanent_redirect_to: str | None
    """Where the unbroken run of permanent redirects (301, 308) from the start ended."""

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Pushed:
    """How a push was answered: `retry_at` is what a ``Retry-After`` asks to wait for."""

    status: int
    retry_at: datetime | None
    excerpt: bytes = field(repr=False)


class Client:
    """Fetches for many threads at once: exchanges share nothing but the TLS context."""

    def __init__(
        self,
        guard: AddressGuard,
        limits: Limits | None = None,
        user_agent: str = "Storyfold",
        *,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`clock` says from when a ``Retry-After`` in seconds counts."""
        self._guard = guard
        self._limits = limits or Limits()
        self._user_agent = user_agent
        self._resolver = resolver
        self._tls = ssl_context or ssl.create_default_context(cafile=certifi.where())
        self._clock = clock

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, accept: str = ACCEPT_PAGE) -> Fetched:
        """GET `url`, following redirects. Raises as the module says."""
        exchange = self._exchange()
        sent = self._headers(accept) | {name.lower(): value for name, value in (headers or {}).items()}
        asked = requestable(url).url
        here, visited, permanent = asked, {asked}, True
        moved_to: str | None = None
        while True:
            with exchange.send("GET", here, sent) as answer:
                if answer.status not in REDIRECTS:
                    return self._accepted(answer, asked, here, moved_to)
                target = _redirect_target(here, answer.headers)
            if target in visited or len(visited) > self._limits.redirects:
                raise Rejected("redirect-loop", f"after {len(visited)} redirects {here} leads to {target}")
            permanent = permanent and answer.status in PERMANENT_REDIRECTS
            moved_to = target if permanent else moved_to
            visited.add(target)
            here = target

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Fetched:
        """POST `body` to `url`. A redirect is not followed and raises `Rejected` (``bad-redirect``)."""
        exchange = self._exchange()
        sent = self._headers("*/*") | {name.lower(): value for name, value in headers.items()}
        asked = requestable(url).url
        with exchange.send("POST", asked, sent | {"content-length": str(len(body))}, body) as answer:
            return self._accepted(answer, asked, asked, None)

    def push(self, url: str, body: bytes, *, headers: Mapping[str, str], excerpt: int = 0) -> Pushed:
        """POST `body` to `url` for its status alone, whatever that is; redirects are not followed.

        Of an answer that is no success up to `excerpt` bytes are read, within the budget; of a success none: whoever
        says that it was taken cannot take that back by what it sends then. Raises where no status came.
        """
        exchange = self._exchange()
        sent = self._headers("*/*") | {"accept-encoding": "identity", "content-length": str(len(body))}
        sent |= {name.lower(): value for name, value in headers.items()}
        with exchange.send("POST", requestable(url).url, sent, body) as answer:
            wait = retry_after(answer.headers.get("retry-after"), self._clock())
            taken = 200 <= answer.status < 300
            return Pushed(answer.status, wait, b"" if taken else answer.begin(excerpt))

    def close(self) -> None:
        """Nothing is held between exchanges; here for callers that close what they open."""

    def _accepted(self, answer: Answer, asked: str, here: str, moved_to: str | None) -> Fetched:
        fault = fault_of_status(answer.status, answer.headers, self._clock())
        if fault is not None:
            raise fault
        return Fetched(asked, here, answer.status, answer.headers, answer.read(), moved_to)

    def _exchange(self) -> Exchange:
        budget = Budget(self._limits.total_seconds, self._limits.wire_bytes)
        backend = GuardedBackend(self._guard, self._resolver, budget, self._limits.connect_seconds)
        return Exchange(budget, backend, self._tls, self._limits)

    def _headers(self, accept: str) -> dict[str, str]:
        return {
            "user-agent": self._user_agent,
            "accept": accept,
            "accept-encoding": ACCEPT_ENCODING,
            "connection": "close",
        }


def _redirect_target(here: str, headers: Mapping[str, str]) -> str:
    location = headers.get("location")
    if not location:
        raise Rejected("bad-redirect", f"{here} redirects without saying where to")
    try:
        return requestable(join(here, _as_utf8(location))).url
    except BadInput as error:
        raise Rejected("bad-redirect", f"{here} redirects to what is no web address: {error}") from error


def _as_utf8(value: str) -> str:
    """A header read as latin-1, as UTF-8 where it is that: many servers send their paths unescaped."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
