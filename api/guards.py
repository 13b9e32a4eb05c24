"""What stands before every route: the key, and the size of the body. Pure ASGI, so that bodies are never buffered."""

from __future__ import annotations

import hmac

from fastapi import HTTPException
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import CALLER
from api.openapi import OPEN_PATHS
from api.problems import problem

FIRST_KEY = "key STORYFOLD_API_KEY"


class KeyGuard:
    """Lets requests with ``Authorization: Bearer KEY`` through, and those to `OPEN_PATHS`."""

    def __init__(self, app: ASGIApp, key: SecretStr) -> None:
        self._app = app
        self._key = key.get_secret_value().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        given = _credentials(scope)
        if given is not None and hmac.compare_digest(given, self._key):
            scope[CALLER] = FIRST_KEY
            await self._app(scope, receive, send)
            return
        detail = "this needs Authorization: Bearer KEY" if given is None else "this is no key of this installation"
        challenge = 'Bearer realm="storyfold"' + ("" if given is None else ', error="invalid_token"')
        await problem(401, detail, headers={"WWW-Authenticate": challenge})(scope, receive, send)


def _credentials(scope: Scope) -> bytes | None:
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, credentials = values[0].partition(b" ") if len(values) == 1 else (b"", b"", b"")
    return bytes(credentials.strip()) if scheme.lower() == b"bearer" else None


class BodyLimit:
    """Answers 413 to bodies of more than `most` bytes: at once where the length is declared, else while they come."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._detail = f"the body is larger than {most} bytes: send less at once"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _declared_length(scope) > self._most:
            # The rest of the body is not worth reading, so the connection cannot be used again.
            await problem(413, self._detail, headers={"Connection": "close"})(scope, receive, send)
        else:
            await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most:
                raise HTTPException(413, self._detail, headers={"Connection": "close"})
            return message

        return count


def _declared_length(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
