"""Whose key is this? Asked with every request, answered from the store at most once a second for each key."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr

from api.access import Caller
from storyfold.errors import StoryfoldError
from storyfold.store import keys
from storyfold.store.engine import Sessions
from storyfold.store.tables import ApiKey, KeyScope

# For how long a look into the store is believed in, in seconds: a key that is revoked opens nothing after that.
BELIEVED_FOR = 1.0

# Keys remembered at once; they are forgotten together. Handles that nobody has are among them.
_REMEMBERED = 1_000


class NoEntry(StoryfoldError):
    """This is no key of this installation."""


class KeyBook:
    """For many threads at once. `clock` counts seconds."""

    def __init__(
        self, sessions: Sessions, first_key: SecretStr | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sessions = sessions
        self._first_key = first_key.get_secret_value().encode() if first_key else None
        self._clock = clock
        self._asks = first_key is not None
        self._asked_at = float("-inf")
        self._known: dict[str, tuple[float, ApiKey | None]] = {}

    @property
    def asked(self) -> bool:
        """Whether keys were asked for when that was last looked at."""
        return self._asks

    def asks(self) -> bool:
        """Whether a key exists, so that every request needs one. Once it does, it does for good."""
        if not self._asks and self._clock() - self._asked_at > BELIEVED_FOR:
            with self._sessions() as session:
                self._asks = keys.any_key(session)
            self._asked_at = self._clock()
        return self._asks

    def holder(self, given: bytes, now: datetime) -> Caller:
        """Whose key it is. Raises `NoEntry`: it is none, was revoked, or has expired."""
        if self._first_key is not None and hmac.compare_digest(given, self._first_key):
            return Caller("key STORYFOLD_API_KEY", frozenset({KeyScope.ADMIN}))
        text = given.decode("ascii", "replace")
        handle = keys.handle_of(text)
        if handle is None:
            raise NoEntry
        key = self._look_up(handle)
        if not keys.is_key(text, key) or key is None:
            raise NoEntry
        if key.revoked_at is not None:
            raise NoEntry("this key was revoked")
        if key.expires_at is not None and key.expires_at <= now:
            raise NoEntry("this key has expired")
        self._note_use(key, now)
        return Caller(f"key {key.id} {key.name}", frozenset(map(KeyScope, key.scopes)), key.per_minute)

    def _look_up(self, handle: str) -> ApiKey | None:
        looked_at, key = self._known.get(handle, (float("-inf"), None))
        if self._clock() - looked_at > BELIEVED_FOR:
            looked_at = self._clock()  # before the look: what is revoked meanwhile is not believed in for longer
            with self._sessions() as session:
                key = keys.find_key(session, handle)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[handle] = (looked_at, key)
        return key

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        if keys.use_is_noted(key, now):
            return
        with self._sessions.begin() as session:
            keys.note_use(session, key.id, now)
        key.last_used_at = now
