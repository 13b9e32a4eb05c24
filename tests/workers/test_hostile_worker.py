"""A real network worker meets every hostile behaviour: each link has its documented fate, and the worker is as before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from celery import Celery
from servers.fates import FATES, HARMLESS
from servers.hostile import Hostile
from sqlalchemy import select

from storyfold.errors import Rejected
from storyfold.settings import Settings
from storyfold.stages.dispatch import Dispatch
from storyfold.stages.submit import UrlSubmission, submit_urls
from storyfold.store.engine import Sessions
from storyfold.store.tables import Fate, Link, Stage
from workers.task import ring

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 240.0
FETCH_SECONDS = 10
MEMORY_FACTOR = 1.2

# Requests to a server that does nothing bad, before and after.
FINE = 20

# The limits of the settings' own bounds are larger than what the server has for its shorter stories.
WORKER = {
    "ALLOW_NETWORKS": "127.0.2.0/24",
    "HOST_PAUSE": 0,
    "FETCH_SECONDS": FETCH_SECONDS,
    "FETCH_BYTES": 600_000,
    "FETCH_ATTEMPTS": 1,
    "LEASE_SECONDS": 30,
}


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    """A host of its own for each behaviour: one that asks to be left alone must not keep the others waiting."""
    names = [*FATES, *HARMLESS - {"pong"}]
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Hostile(f"127.0.2.{number}")).url(name)
            for number, name in enumerate(names, start=1)
        }


@pytest.fixture
def worker(settings: Settings) -> Iterator[psutil.Process]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
    own = {f"STORYFOLD_{name}": str(value) for name, value in WORKER.items()}
    engines = {"STORYFOLD_DATABASE_URL": str(settings.database_url), "STORYFOLD_REDIS_URL": str(settings.redis_url)}
    process = subprocess.Popen([sys.executable, "-m", "workers", "network"], cwd=ROOT, env=inherited | own | engines)
    yield psutil.Process(process.pid)
    process.terminate()
    process.wait(60)


class Desk:
    """Hands links in and rings for them, as the dispatcher does."""

    def __init__(self, sessions: Sessions, app: Celery) -> None:
        self.sessions = sessions
        self.app = app

    def fetched(self, *urls: str) -> list[Link]:
        """The links of the URLs once none waits for its fetch any more."""
        with self.sessions.begin() as session:
            ids = [item.id or 0 for item in submit_urls(session, list(map(UrlSubmission, urls)), datetime.now(UTC))]
        deadline = time.monotonic() + LONGEST
        while True:
            with self.sessions.begin() as session:
                ring(self.app, Dispatch(per_host=2).draw(session, {}, datetime.now(UTC)))
            with self.sessions() as session:
                by_id = {link.id: link for link in session.scalars(select(Link).where(Link.id.in_(ids)))}
            found = [by_id[id] for id in ids]
            waiting = [link.url for link in found if link.stage == Stage.FETCH]
            if not waiting:
                return found
            assert time.monotonic() < deadline, f"still waiting for {waiting}"
            time.sleep(0.5)


def as_documented(name: str, link: Link) -> bool:
    """A server that sends without end runs into the limit of time first where the machine is busy."""
    kind, reason = FATES[name]
    fates = [(Fate.REJECTED if kind is Rejected else Fate.FAILED, reason)]
    return (link.fate, link.reason) in fates + [(Fate.FAILED, "time-out")] * (reason == "too-big")


@pytest.mark.timeout(3 * LONGEST)
def test_a_worker_that_met_every_hostile_behaviour_works_on_in_the_memory_it_had(
    sessions: Sessions, app: Celery, servers: dict[str, str], worker: psutil.Process
) -> None:
    desk = Desk(sessions, app)
    desk.fetched(*(f"{servers['fine']}?{n}" for n in range(FINE)))
    before = worker.memory_info().rss
    met = dict(zip(servers, desk.fetched(*servers.values()), strict=True))
    other = {
        name: (link.fate, link.reason) for name, link in met.items() if name in FATES and not as_documented(name, link)
    }
    assert other == {}
    assert {met[name].stage for name in HARMLESS & met.keys()} <= {Stage.DIGEST, None}
    desk.fetched(*(f"{servers['fine']}?again{n}" for n in range(FINE)))
    assert worker.is_running()
    after = worker.memory_info().rss
    assert after <= MEMORY_FACTOR * before, f"{before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after"
