from __future__ import annotations

from collections.abc import Iterator

import pytest
from newsstand import Newsstand
from postroom import Endpoint, Postroom
from servers.site import Site

from storyfold.settings import Settings
from storyfold.store.engine import Sessions, make_engine, make_sessions
from workers.runtime import Runtime


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def runtime(database_url: str) -> Iterator[Runtime]:
    """What a worker process has in its hands."""
    runtime = Runtime(Settings.model_validate({"database_url": database_url}))
    yield runtime
    runtime.close()


@pytest.fixture
def stand(sessions: Sessions) -> Newsstand:
    """A worker that keeps no pause."""
    return Newsstand(sessions)


@pytest.fixture
def polite(sessions: Sessions) -> Newsstand:
    """A worker that leaves a second between two requests to one host."""
    return Newsstand(sessions, pause=1.0)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def room(sessions: Sessions) -> Postroom:
    return Postroom(sessions)


@pytest.fixture
def hook(site: Site) -> Endpoint:
    return Endpoint(site)
