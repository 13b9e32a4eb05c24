"""A worker's hands on a database and a Redis of the test's own; no process is started here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import Celery

from storyfold.settings import Settings
from storyfold.store.engine import Sessions, make_engine, make_sessions
from workers.app import create_app
from workers.runtime import Runtime


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return Settings.model_validate(
        {"database_url": database_url, "redis_url": redis_url, "fetch_attempts": 2, "retry_seconds": 0}
    )


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url, pool_size=12)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def runtime(settings: Settings, sessions: Sessions) -> Runtime:
    """A runtime whose connections are closed with the test."""
    runtime = Runtime(settings)
    runtime.__dict__.update(_engine=sessions.kw["bind"], _sessions=sessions)  # where its cached properties keep them
    return runtime


@pytest.fixture
def app(settings: Settings) -> Iterator[Celery]:
    app = create_app(settings)
    yield app
    app.close()
