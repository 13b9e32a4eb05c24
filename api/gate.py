"""The gate before every path but `OPEN_PATHS`: whose key is it, what is it good for, and how many requests are left.

In this order: no key or a wrong one is 401, too many requests are 429 (those without a key are counted by address),
a key that is not good for the path is 403. Nothing of the request was read by then, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from sqlalchemy.exc import ProgrammingError
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.access import CALLER, Caller
from api.key_book import KeyBook, NoEntry
from api.openapi import OPEN_PATHS
from api.problems import problem
from api.rates import Rates, Standing, network_of
from api.scopes import scopes_for
from storyfold.store.tables import KeyScope

# Threads that look keys up and count: of their own, so that no slow request keeps others from being let in.
_THREADS = 8

JUDGED_AGAIN_AFTER = 1.0

_QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


@dataclass(frozen=True, slots=True)
class Admission:
    """What the gate decided: `refusal` is why the request goes no further. `told` are headers of any answer."""

    caller: Caller | None
    refusal: Response | None = None
    told: Mapping[str, str] = field(default_factory=dict)


class Gate:
    """Decides, for many threads at once."""

    def __init__(self, book: KeyBook, rates: Rates, now: Callable[[], datetime]) -> None:
        self.book = book
        self._rates = rates
        self._now = now

    def admit(self, given: bytes | None, address: str, scopes: frozenset[KeyScope]) -> Admission:
        """Judge a request by its key, where one was given."""
        if not self.book.asks():
            return self._counted(Caller(f"address {network_of(address)}", frozenset(KeyScope)))
        if given is None:
            return self._turned_away(address, "this needs Authorization: Bearer KEY", error=False)
        try:
            caller = self.book.holder(given, self._now())
        except NoEntry as error:
            return self._turned_away(address, str(error), error=True)
        admission = self._counted(caller)
        if admission.refusal is None and not caller.may(scopes):
            return Admission(None, _out_of_scope(scopes), admission.told)
        return admission

    def is_good(self, given: bytes | None, scopes: frozenset[KeyScope]) -> bool:
        """Whether a request that was let in would be again; nothing is counted."""
        if not self.book.asks():
            return True
        try:
            return given is not None and self.book.holder(given, self._now()).may(scopes)
        except NoEntry:
            return False

    def close(self) -> None:
        self._rates.close()

    def _counted(self, caller: Caller) -> Admission:
        standing = self._rates.take(caller.name, caller.per_minute)
        if standing is None:
            return Admission(caller)
        if standing.exceeded:
            return Admission(None, _too_many(standing), standing.headers())
        return Admission(caller, None, standing.headers())

    def _turned_away(self, address: str, detail: str, *, error: bool) -> Admission:
        counted = self._counted(Caller(f"address {network_of(address)}", frozenset()))
        if counted.refusal is not None:
            return counted
        challenge = 'Bearer realm="storyfold"' + (', error="invalid_token"' if error else "")
        return Admission(None, problem(401, detail, headers={"WWW-Authenticate": challenge}), counted.told)


class GateKeeper:
    """The middleware that asks the gate. Pure ASGI: bodies pass through unread.

    An answer that goes on for long (a stream) is judged again before what it sends, once in `JUDGED_AGAIN_AFTER`
    seconds, and ended where its key is good no more.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        admission = await self._admission(scope)
        send = _Answer(send, admission.told, partial(self._still_good, scope))
        if admission.refusal is not None:
            await admission.refusal(scope, receive, send)
            return
        scope[CALLER] = admission.caller
        await self._app(scope, receive, send)

    async def _admission(self, scope: Scope) -> Admission:
        address = scope["client"][0] if scope.get("client") else "unknown"
        question = (credentials(scope), address, scopes_for(scope["method"], scope["path"]))
        try:
            return await to_thread.run_sync(self._gate.admit, *question, limiter=self._limiter())
        except problems.DATABASE_AWAY as error:
            return Admission(None, await problems.database_away(Request(scope), error))
        except ProgrammingError as error:
            return Admission(None, await problems.not_migrated(Request(scope), error))

    async def _still_good(self, scope: Scope) -> bool:
        question = (credentials(scope), scopes_for(scope["method"], scope["path"]))
        try:
            return await to_thread.run_sync(self._gate.is_good, *question, limiter=self._limiter())
        except problems.DATABASE_AWAY:
            return True  # what is sent meanwhile was read before

    def _limiter(self) -> CapacityLimiter:
        """It belongs to the loop that runs when it is first needed."""
        if self._threads is None:
            self._threads = CapacityLimiter(_THREADS)
        return self._threads


class _Answer:
    """The way of an answer to the client: with the gate's headers, and only as long as the key is good."""

    def __init__(self, send: Send, told: Mapping[str, str], still_good: Callable[[], Awaitable[bool]]) -> None:
        self._send = send
        self._told = told
        self._still_good = still_good
        self._judged_at = monotonic()
        self._ended = False

    async def __call__(self, message: Message) -> None:
        if self._ended:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in self._told.items():
                headers[name] = value
        elif message.get("more_body") and monotonic() - self._judged_at > JUDGED_AGAIN_AFTER:
            self._judged_at = monotonic()
            if not await self._still_good():
                self._ended = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)


def credentials(scope: Scope) -> bytes | None:
    """The bearer token of a request; None where there is none, or more than one header that could hold it."""
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = values[0].partition(b" ") if len(values) == 1 else (b"", b"", b"")
    return bytes(token.strip()) if scheme.lower() == b"bearer" else None


def _too_many(standing: Standing) -> Response:
    detail = f"no more than {standing.quota} requests a minute: try again in {standing.reset} seconds"
    more: dict[str, Any] = {"type": _QUOTA_EXCEEDED, "violated-policies": ["minute"]}
    return problem(429, detail, **more)


def _out_of_scope(scopes: frozenset[KeyScope]) -> Response:
    needed = " or ".join(sorted(scopes))
    challenge = f'Bearer realm="storyfold", error="insufficient_scope", scope="{" ".join(sorted(scopes))}"'
    return problem(403, f"this needs a key with the scope {needed}", headers={"WWW-Authenticate": challenge})
