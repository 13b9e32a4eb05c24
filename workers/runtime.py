"""What a worker process has in its hands: sessions, the HTTP client, the stages. Made once in each process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy.orm import Session

from storyfold.feeds.schedule import Bounds
from storyfold.matching.idf import Idf
from storyfold.settings import Settings
from storyfold.stages.digest import Digest
from storyfold.stages.dispatch import Dispatch
from storyfold.stages.fetch import Fetch
from storyfold.stages.fold import Fold
from storyfold.stages.poll import Poll
from storyfold.stages.read import Read
from storyfold.stages.work import RetryPolicy
from storyfold.store.engine import Sessions, make_engine, make_sessions
from storyfold.store.hosts import Politeness
from storyfold.web.client import Client
from storyfold.web.exchange import Limits
from storyfold.web.guard import AddressGuard

# Seconds between polls of a feed whose rhythm is not known yet, within the bounds of the settings.
UNKNOWN_RHYTHM = 1800.0


class Runtime:
    """Built on first use, from settings alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back where an exception passes."""
        with self._sessions.begin() as session:
            yield session

    @cached_property
    def _sessions(self) -> Sessions:
        if self.settings.database_url is None:
            raise RuntimeError("a worker needs STORYFOLD_DATABASE_URL")  # `storyfold up` always hands it over
        return make_sessions(make_engine(self.settings.database_url))

    @cached_property
    def client(self) -> Client:
        settings = self.settings
        limits = Limits(
            wire_bytes=settings.fetch_bytes, decoded_bytes=settings.fetch_bytes, total_seconds=settings.fetch_seconds
        )
        return Client(AddressGuard([str(network) for network in settings.allow_networks]), limits, settings.user_agent)

    @property
    def politeness(self) -> Politeness:
        return Politeness(self.settings.host_concurrency, self.settings.host_pause)

    @property
    def retry(self) -> RetryPolicy:
        return RetryPolicy(self.settings.fetch_attempts, self.settings.retry_seconds)

    @cached_property
    def dispatch(self) -> Dispatch:
        return Dispatch(self.settings.host_concurrency)

    @property
    def bounds(self) -> Bounds:
        shortest, longest = self.settings.poll_min, self.settings.poll_max
        return Bounds(shortest, longest, unknown=min(max(UNKNOWN_RHYTHM, shortest), longest))

    @cached_property
    def poll(self) -> Poll:
        return Poll(self.client, self.politeness, self.bounds, self.settings.lease_seconds)

    @cached_property
    def read(self) -> Read:
        return Read(self.bounds, self.settings.lease_seconds)

    @cached_property
    def fetch(self) -> Fetch:
        return Fetch(self.client, self.politeness, self.retry, self.settings.lease_seconds)

    @cached_property
    def digest(self) -> Digest:
        return Digest(self.retry, self.settings.lease_seconds)

    @cached_property
    def fold(self) -> Fold:
        return Fold(self._sessions, Idf(0), self.retry, self.settings.lease_seconds)


def per_process(settings: Settings) -> Callable[[], Runtime]:
    """A runtime for each process: what a forked child inherits (connections above all) it must not use."""
    made: dict[int, Runtime] = {}

    def current() -> Runtime:
        pid = os.getpid()
        if pid not in made:
            made.clear()
            made[pid] = Runtime(settings)
        return made[pid]

    return current
