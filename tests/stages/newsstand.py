"""Stages run by hand on a store of the test's own, fetching from a site on loopback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from storyfold.errors import FateError
from storyfold.feeds.schedule import Bounds
from storyfold.stages.fetch import Fetch
from storyfold.stages.poll import Poll
from storyfold.stages.read import Read
from storyfold.stages.robots import RobotsFile
from storyfold.stages.submit import UrlSubmission, submit_urls, watch_feed
from storyfold.stages.work import RetryPolicy
from storyfold.store import feeds, links
from storyfold.store.engine import Sessions
from storyfold.store.hosts import Politeness
from storyfold.store.tables import Feed, Link
from storyfold.web.client import Client
from storyfold.web.exchange import Limits
from storyfold.web.guard import AddressGuard

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
BOUNDS = Bounds(shortest=60, longest=86_400, unknown=600)


class Clock:
    """A time that only moves when it is told to; waiting is noted and costs nothing."""

    def __init__(self) -> None:
        self.now = NOON
        self.waited: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def pass_(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


class Newsstand:
    """One worker. `pause` is the politeness of the installation."""

    def __init__(self, sessions: Sessions, *, pause: float = 0.0, concurrency: int = 2) -> None:
        self.sessions = sessions
        self.clock = Clock()
        client = Client(AddressGuard(["127.0.0.0/8"]), Limits(total_seconds=5), "Storyfold/0.1", clock=self.clock)
        politeness, retry = Politeness(concurrency, pause), RetryPolicy(3, 10)
        robots = RobotsFile(sessions, client, "Storyfold", retry, self.clock)
        self.fetch = Fetch(client, politeness, retry, 40, robots, self.clock.wait)
        self.poll = Poll(client, politeness, BOUNDS, 40, Random(1))
        self.read = Read(BOUNDS, 40, Random(1))

    def submit(self, *urls: str) -> list[int]:
        with self.sessions.begin() as session:
            items = submit_urls(session, [UrlSubmission(url) for url in urls], self.clock.now)
        return [int(item.id or 0) for item in items]

    def watch(self, url: str) -> int:
        with self.sessions.begin() as session:
            return watch_feed(session, url, self.clock.now)[0].id

    def run(self, stage: object, id: int, *, between: Callable[[], None] = lambda: None) -> bool:
        """As a worker does it. -> whether there was anything to do."""
        with self.sessions.begin() as session:
            job = stage.claim(session, id, self.clock.now)
        if job is None:
            return False
        between()
        try:
            result = stage.run(job, self.clock.now)
        except FateError as error:
            with self.sessions.begin() as session:
                stage.fail(session, job, error, self.clock.now)
            return True
        with self.sessions.begin() as session:
            stage.store(session, job, result, self.clock.now)
        return True

    def fetched(self, url: str) -> Link:
        """The link of `url` after one try."""
        [id] = self.submit(url)
        self.run(self.fetch, id)
        return self.link(id)

    def polled(self, id: int) -> Feed:
        """The feed after a poll and, where it brought a body, its reading."""
        self.run(self.poll, id)
        self.run(self.read, id)
        return self.feed(id)

    def link(self, id: int) -> Link:
        with self.sessions() as session:
            return links.get_link(session, id).link

    def feed(self, id: int) -> Feed:
        with self.sessions() as session:
            return feeds.get_feed(session, id)
