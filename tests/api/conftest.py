"""The API in this process, on a database and a Redis of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from asgi_client import KEY, Client
from keysmith import now
from newsroom import Newsroom
from sqlalchemy import Engine, event, update

from api.app import create_app
from storyfold.settings import Settings
from storyfold.store import keys
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.keys import KeyTerms
from storyfold.store.tables import ApiKey, KeyScope

Serve = Callable[..., Client]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def serve(database_url: str, redis_url: str, portal: BlockingPortal) -> Iterator[Serve]:
    """Make a client of an API with these settings, on the test's own servers unless others are named."""
    with ExitStack() as stack:

        def make(**settings: object) -> Client:
            named = {"database_url": database_url, "redis_url": redis_url, "match_seconds": 5.0} | settings
            return stack.enter_context(_client(portal, named))

        yield make


@pytest.fixture
def client(serve: Serve) -> Client:
    return serve()


@pytest.fixture(scope="session")
def idle_client(new_database: Callable[[], AbstractContextManager[str]], portal: BlockingPortal) -> Iterator[Client]:
    """For requests that store nothing: an API on an empty database that all tests share. Its Redis is away."""
    with new_database() as url, _client(portal, {"database_url": url, "redis_url": "redis://127.0.0.1:1/0"}) as client:
        yield client


@pytest.fixture(scope="session")
def locked_client(portal: BlockingPortal) -> Iterator[Client]:
    """For requests that must not get through: an API that asks for `KEY`, its servers away."""
    away = {"database_url": "postgresql://nobody@127.0.0.1:1/none", "redis_url": "redis://127.0.0.1:1/0"}
    with _client(portal, away | {"api_key": KEY}) as client:
        yield client


@contextmanager
def _client(portal: BlockingPortal, settings: dict[str, object]) -> Iterator[Client]:
    app = create_app(Settings.model_validate(settings))
    with closing(Client(app, portal)) as client:
        yield client
    app.state.services.close()


@pytest.fixture
def queries(client: Client) -> Iterator[Callable[[Callable[[], object]], int]]:
    """How many statements `client`'s application sends to PostgreSQL while a function runs."""
    engine: Engine = client.app.state.services.engine
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM keys" not in statement:  # the gate looks now and then, whatever is asked for
            sent.append(statement)

    def count(function: Callable[[], object]) -> int:
        sent.clear()
        function()
        return len(sent)

    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def newsroom(database_url: str) -> Iterator[Newsroom]:
    engine = make_engine(database_url)
    yield Newsroom(make_sessions(engine))
    engine.dispose()


@pytest.fixture
def bells(redis_url: str) -> Iterator[Callable[[], int]]:
    """How many doorbells wait in the dispatcher's queue."""
    connection = redis.Redis.from_url(redis_url)
    yield lambda: int(connection.llen("dispatch"))
    connection.close()


@pytest.fixture
def make_key(newsroom: Newsroom) -> Callable[..., tuple[int, str]]:
    """Make a key. -> (its id, the key)."""

    def make(*scopes: KeyScope, **terms: Any) -> tuple[int, str]:
        with newsroom.sessions.begin() as session:
            key, key_text = keys.make_key(session, KeyTerms("desk", scopes, **terms), "command line ada", now())
            return key.id, key_text

    return make


@pytest.fixture
def revoke_key(newsroom: Newsroom) -> Callable[[int], None]:
    def revoke(key_id: int) -> None:
        with newsroom.sessions.begin() as session:
            keys.revoke_key(session, key_id, "command line ada", now())

    return revoke


@pytest.fixture
def outlive_key(newsroom: Newsroom) -> Callable[[int], None]:
    """Let the time of a key run out."""

    def outlive(key_id: int) -> None:
        with newsroom.sessions.begin() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(expires_at=now() - timedelta(seconds=1)))

    return outlive
