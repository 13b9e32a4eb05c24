from __future__ import annotations

from collections.abc import Iterator

import pytest
from newsstand import Newsstand
from postroom import Endpoint, Postroom
from servers.site import Site

from storyfold.store.engine import Sessions, make_engine, make_sessions


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


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
