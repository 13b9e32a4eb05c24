"""Who is asking: what the routers may know of whoever sent the request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

CALLER = "storyfold.caller"
"""Where the key guard notes the caller in a request's scope."""


async def _actor(request: Request) -> str:
    caller = request.scope.get(CALLER)
    return str(caller) if caller is not None else f"address {request.client.host if request.client else 'unknown'}"


Actor = Annotated[str, Depends(_actor)]
"""The caller in the words of the audit trail: ``key 3 desk``, or ``address 127.0.0.1`` where no key exists."""
