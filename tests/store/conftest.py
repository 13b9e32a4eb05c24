"""Sessions on a fresh migrated database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storyfold.store.engine import Sessions, make_engine, make_sessions


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url, pool_size=20)
    yield make_sessions(engine)
    engine.dispose()
