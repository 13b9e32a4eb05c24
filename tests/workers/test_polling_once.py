"""Ten dispatchers and ten workers at once: each due feed is polled once, and no host sees more than it allows."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from servers.site import Reply, Site
from sqlalchemy import func, select

from storyfold.settings import Settings
from storyfold.stages.dispatch import Dispatch
from storyfold.stages.kinds import Kind
from storyfold.stages.submit import watch_feed
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.tables import Feed
from workers.runtime import Runtime
from workers.task import run_stage

FEED = b"<rss version='2.0'><channel><title>Harbour Post</title></channel></rss>"
FEEDS = 60
AT_ONCE = 10
ROUNDS = 200


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    sites = [Site(f"127.0.0.{n}", latency=0.01) for n in range(21, 27)]
    for site in sites:
        site.__enter__()
        site.routes["/feed"] = Reply(FEED, headers={"etag": '"one"'})
    yield sites
    for site in sites:
        site.__exit__(None, None, None)


class Machine:
    """A dispatcher and a worker of their own, with connections of their own."""

    def __init__(self, database_url: str) -> None:
        self.engine = make_engine(database_url, pool_size=2)
        self.sessions = make_sessions(self.engine)
        settings = {"database_url": database_url, "allow_networks": "127.0.0.0/8", "host_pause": 0}
        self.runtime = Runtime(Settings.model_validate(settings))

    def work(self, start: threading.Barrier, done: threading.Event) -> int:
        """Draw and poll until nothing is due any more. -> polls rung for."""
        start.wait()
        rung = 0
        for _ in range(ROUNDS):
            if done.is_set():
                break
            with self.sessions.begin() as session:
                works = Dispatch(per_host=2).draw(session, {}, datetime.now(UTC))
            polls = [work.id for work in works if work.kind is Kind.POLL]
            rung += len(polls)
            for feed_id in [*polls, *polls]:  # each doorbell twice: Redis may deliver it again
                run_stage(self.runtime, self.runtime.poll, feed_id)
        return rung

    def close(self) -> None:
        self.runtime.close()
        self.engine.dispose()


def test_each_due_feed_is_polled_once(database_url: str, sites: list[Site]) -> None:
    machines = [Machine(database_url) for _ in range(AT_ONCE)]
    with machines[0].sessions.begin() as session:
        for n in range(FEEDS):
            watch_feed(session, f"{sites[n % len(sites)].url('/feed')}?{n}", datetime.now(UTC))
    start, done = threading.Barrier(AT_ONCE), threading.Event()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        working = [pool.submit(machine.work, start, done) for machine in machines]
        _wait_until_polled(machines[0], done)
        assert sum(future.result() for future in working) >= FEEDS
    asked = Counter(request.path for site in sites for request in site.requests)
    assert asked == {f"/feed?{n}": 1 for n in range(FEEDS)}
    assert max(most for site in sites for most in site.most_at_once.values()) <= 2
    for machine in machines:
        machine.close()


def _wait_until_polled(machine: Machine, done: threading.Event) -> None:
    """Then nothing more is to come: what was polled is due again in half an hour."""
    for _ in range(1_200):
        with machine.sessions() as session:
            left = session.scalar(select(func.count()).where(Feed.last_polled_at.is_(None)))
        if left == 0:
            break
        done.wait(0.05)
    done.set()
