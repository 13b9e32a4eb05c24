"""What an application has in its hands: sessions, clock, bell, matcher and gate. Made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.bell import Bell
from api.broker import make_broker
from api.gate import Gate
from api.key_book import KeyBook
from api.matcher import Matcher
from api.rates import Rates
from api.signatures import Signatures
from storyfold.errors import SettingsError
from storyfold.settings import Settings
from storyfold.store.engine import Sessions, make_engine, make_sessions

# As many may grow again when all are in use; the threads that serve requests are 40.
CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Services:
    engine: Engine
    sessions: Sessions
    bell: Bell
    matcher: Matcher
    gate: Gate
    signatures: Signatures
    now: Callable[[], datetime]

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Nothing connects before it is used. Raises `SettingsError` where a server is not named."""
        if settings.database_url is None:
            raise SettingsError("STORYFOLD_DATABASE_URL is not set: the API reads and writes its stories there")
        broker = make_broker(settings)
        engine = make_engine(settings.database_url, pool_size=CONNECTIONS)
        matcher = Matcher(broker, settings.match_seconds)
        sessions = make_sessions(engine)
        gate = Gate(KeyBook(sessions, settings.api_key), _rates(settings), _now)
        signatures = Signatures(settings.webhook_secrets)
        return cls(engine, sessions, Bell(broker), matcher, gate, signatures, _now)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end, or rolls back where an exception passes."""
        with self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session in which all queries see the same state of the store."""
        with self.sessions() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
            yield session

    def close(self) -> None:
        self.engine.dispose()
        self.bell.close()
        self.gate.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _rates(settings: Settings) -> Rates:
    assert settings.redis_url is not None  # `make_broker` said so
    return Rates(settings.redis_url, settings.rate_per_minute)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Door = Annotated[Services, Depends(_services)]
"""The services, as a router's function asks for them."""
