"""Following the changes for real: an API in a process of its own, many writers, connections that break."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from following import Api, PageReader, StreamReader, Writers, running_api, wait_until
from sqlalchemy import select, text

from storyfold.store.changes import change_cursor, last_cursor
from storyfold.store.engine import Sessions, make_engine, make_sessions
from storyfold.store.tables import Change


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url, pool_size=10)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def api(database_url: str, redis_url: str) -> Iterator[Api]:
    # a limit of requests is not what is tried here
    with running_api(database_url=database_url, redis_url=redis_url, rate_per_minute="0") as api:
        yield api


def written(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return [change_cursor(place) for place in session.scalars(select(Change.cursor).order_by(Change.cursor))]


def test_readers_see_every_change_of_many_writers_once_in_order_through_breaks_and_restarts(api, sessions):
    pages = PageReader(api)
    with StreamReader(api) as stream:
        with Writers(sessions):
            for round in range(4):
                goal = len(stream.seen) + 40
                wait_until(lambda: pages.read() or len(stream.seen) >= goal)  # noqa: B023
                if round == 1:
                    api.kill()
                    api.start()
                stream.drop()
        everything = written(sessions)
        wait_until(pages.read)
        wait_until(lambda: len(stream.seen) >= len(everything))
    assert pages.seen == everything
    assert stream.seen == everything
    assert stream.connections >= 4


def test_a_stream_tells_what_was_and_goes_on_with_what_happens(api, newsroom):
    newsroom.change(1, "created", 1)
    with StreamReader(api) as stream:
        wait_until(lambda: len(stream.seen) == 1)
        newsroom.change(2, "grown", 1)
        wait_until(lambda: len(stream.seen) == 2)
    assert stream.seen == [change_cursor(1), change_cursor(2)]


def test_a_stream_from_now_on_tells_nothing_of_what_was(api, newsroom):
    newsroom.change(1, "created", 1)
    with StreamReader(api, cursor="latest") as stream:
        wait_until(lambda: stream.connections)
        newsroom.change(2, "grown", 1)
        wait_until(lambda: stream.seen)
    assert stream.seen == [change_cursor(2)]


def test_a_stream_lets_through_what_is_asked_for(api, newsroom):
    for cursor, kind, story in ((1, "created", 1), (2, "created", 2), (3, "grown", 1)):
        newsroom.change(cursor, kind, story)
    with StreamReader(api, kind=["grown", "merged"]) as stream:
        wait_until(lambda: stream.seen)
    assert stream.seen == [change_cursor(3)]


def test_streams_hold_no_connection_to_the_database_while_nothing_happens(api, sessions):
    with ExitStack() as stack:
        readers = [stack.enter_context(StreamReader(api)) for _ in range(30)]
        wait_until(lambda: all(reader.connections for reader in readers))
        assert httpx.get(f"{api.url}/v1/stories", timeout=20).status_code == 200
        wait_until(lambda: idle_in_transaction(sessions) == 0)


def idle_in_transaction(sessions: Sessions) -> int:
    """A transaction for each look: within one, PostgreSQL says what it said before."""
    idle = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'")
    with sessions() as session:
        return session.scalar(idle)


def test_a_stream_ends_cleanly_when_the_api_is_told_to_stop(api):
    with httpx.stream("GET", f"{api.url}/v1/stream", timeout=60) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith(":")
        began = time.monotonic()
        api.terminate()
        assert all(not line or line.startswith((":", "retry", "id")) for line in lines)  # the end, and no broken chunk
    from api.__main__ import GRACE_SECONDS

    assert time.monotonic() - began < GRACE_SECONDS


def test_an_event_carries_the_change_as_the_list_has_it(api, newsroom, sessions):
    newsroom.change(1, "merged", 5, other=4)
    [item] = httpx.get(f"{api.url}/v1/changes").json()["items"]
    with httpx.stream("GET", f"{api.url}/v1/stream", timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        data = next(line for line in answer.iter_lines() if line.startswith("data: "))
    assert httpx.Response(200, content=data.removeprefix("data: ")).json() == item
    with sessions() as session:
        assert last_cursor(session) == 1
