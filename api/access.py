"""Who is asking: callers, and how the routers learn of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from storyfold.store.tables import KeyScope

CALLER = "storyfold.caller"
"""Where the gate notes the caller in a request's scope."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request: the holder of a key, or an address where no key exists.

    `name` is what the audit trail knows the caller by, and what requests are counted by. `per_minute` is the caller's
    own limit of requests; None is the limit of the installation.
    """

    name: str
    scopes: frozenset[KeyScope]
    per_minute: int | None = None

    def may(self, scopes: frozenset[KeyScope]) -> bool:
        """Whether one of these scopes is the caller's."""
        return KeyScope.ADMIN in self.scopes or not scopes.isdisjoint(self.scopes)


async def _actor(request: Request) -> str:
    caller: Caller = request.scope[CALLER]
    return caller.name


Actor = Annotated[str, Depends(_actor)]
"""The caller in the words of the audit trail: ``key 3 desk``, or ``address 127.0.0.1`` where no key exists."""
