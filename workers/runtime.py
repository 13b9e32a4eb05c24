"""What a worker process has in its hands: sessions, the HTTP client, the stages. Made once in each process.

A stage is imported when it is made: a process that only moves bytes does not hold what reading them takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storyfold.errors import SettingsError
from storyfold.settings import Settings
from storyfold.store.engine import WORKERS_PING_AFTER, Sessions, make_engine, make_sessions
from storyfold.store.plans import kept_a_while

if TYPE_CHECKING:
    from storyfold.stages.deliver import Deliver
    from storyfold.stages.digest import Digest
    from storyfold.stages.dispatch import Dispatch
    from storyfold.stages.fetch import Fetch
    from storyfold.stages.fold import Fold
    from storyfold.stages.match import Match
    from storyfold.stages.poll import Poll
    from storyfold.stages.read import Read
    from storyfold.stages.work import RetryPolicy
    from storyfold.web.client import Client

# Connections that one process holds at the most, and keeps: to open one takes the server as long as ten statements, and
# it has to learn anew what it is asked. Threads beyond that many wait for one another's transactions, which are short.
CONNECTIONS = 10


class Runtime:
    """Built on first use, from settings alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back where an exception passes."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def brief_transaction(self) -> Iterator[Session]:
        """The same, for what is asked of every page, by key: its plans are kept for some seconds (`store.plans`)."""
        with self._brief_sessions.begin() as session:
            yield session

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> Engine:
        if self.settings.database_url is None:
            raise SettingsError("STORYFOLD_DATABASE_URL is not set: workers keep everything there")
        return make_engine(self.settings.database_url, pool_size=CONNECTIONS, overflow=0, ping_after=WORKERS_PING_AFTER)

    @cached_property
    def _sessions(self) -> Sessions:
        return make_sessions(self._engine)

    @cached_property
    def _brief_sessions(self) -> Sessions:
        return make_sessions(kept_a_while(self._engine))

    @cached_property
    def client(self) -> Client:
        from storyfold.stages import equip

        return equip.client(self.settings)

    @cached_property
    def dispatch(self) -> Dispatch:
        from storyfold.stages.dispatch import Dispatch

        return Dispatch(self.settings.host_concurrency)

    @cached_property
    def poll(self) -> Poll:
        from storyfold.stages import equip
        from storyfold.stages.poll import Poll

        politeness, bounds = equip.politeness(self.settings), equip.poll_bounds(self.settings)
        return Poll(self.client, politeness, bounds, self.settings.lease_seconds)

    @cached_property
    def read(self) -> Read:
        from storyfold.stages import equip
        from storyfold.stages.read import Read

        return Read(equip.poll_bounds(self.settings), self.settings.lease_seconds)

    @cached_property
    def fetch(self) -> Fetch:
        from storyfold.stages import equip

        return equip.fetch(self.settings, self._brief_sessions, self.client)

    @cached_property
    def digest(self) -> Digest:
        from storyfold.stages.digest import Digest

        return Digest(self._retry, self.settings.lease_seconds)

    @cached_property
    def fold(self) -> Fold:
        from storyfold.matching.idf import Idf
        from storyfold.stages.fold import Fold

        return Fold(self._sessions, Idf(0), self._retry, self.settings.lease_seconds)

    @cached_property
    def deliver(self) -> Deliver:
        from storyfold.stages import equip

        return equip.deliver(self.settings)

    @cached_property
    def match(self) -> Match:
        from storyfold.matching.idf import Idf
        from storyfold.stages.match import Match

        return Match(self._sessions, Idf(0))

    def show_ties(self) -> None:
        from storyfold.stages.showing import show_all

        show_all(self._sessions, self.fold.idf, self.fold.loader)

    def fetch_for_match(self, url: str, now: datetime) -> int:
        from storyfold.stages import equip
        from storyfold.stages.match_page import fetch_for_match

        return fetch_for_match(self._sessions, self.client, url, equip.politeness(self.settings), now)

    def keep_house(self, now: datetime) -> None:
        from storyfold.stages import equip
        from storyfold.stages.housekeeping import keep_house

        keep_house(self._sessions, equip.keeping(self.settings), now)

    @property
    def _retry(self) -> RetryPolicy:
        from storyfold.stages import equip

        return equip.retry_policy(self.settings)


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
