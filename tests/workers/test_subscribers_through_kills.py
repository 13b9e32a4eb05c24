"""What subscribers are told by real workers: endpoints that fail, hang, answer 410, die and come back, and workers that
are killed over their messages. Every change is told at least once, signed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
from celery import Celery
from servers.site import Reply, Request, Site
from sqlalchemy import insert
from standardwebhooks import Webhook

from storyfold.settings import Settings
from storyfold.store import cursors, subscriptions
from storyfold.store.changes import last_cursor
from storyfold.store.engine import Sessions
from storyfold.store.subscriptions import Wanted
from storyfold.store.tables import Change, Story
from workers.runtime import Runtime
from workers.tasks import register

CHANGES = 12
DELIVERY_SECONDS = 1.0
SECONDS = 150.0


class Endpoint:
    """Answers as `behave` says of the n-th request (from 1 on), and keeps what it took."""

    def __init__(self, behave: Callable[[int], Reply]) -> None:
        self.behave = behave
        self.asked = 0
        self.took: list[Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.asked += 1
            reply = self.behave(self.asked)
            if reply.status < 300 and not reply.delay:
                self.took.append(request)
        return reply

    def told(self) -> list[int]:
        with self._lock:
            return [cursors.decode_id(json.loads(request.body)["data"]["cursor"], "changes") for request in self.took]


TAKEN = Reply(status=204)


def steady(_: int) -> Reply:
    return TAKEN


def failing(request: int) -> Reply:
    return TAKEN if request % 2 == 0 else Reply(status=500)


def hanging(request: int) -> Reply:
    return Reply(status=200, delay=DELIVERY_SECONDS * 20) if request in (1, 5) else TAKEN


def gone(_: int) -> Reply:
    return Reply(status=410)


@pytest.fixture
def worker(settings: Settings) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a network worker as a process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
    given = {
        "STORYFOLD_DATABASE_URL": str(settings.database_url),
        "STORYFOLD_REDIS_URL": str(settings.redis_url),
        "STORYFOLD_ALLOW_NETWORKS": "127.0.0.0/8",
        "STORYFOLD_DELIVERY_SECONDS": str(DELIVERY_SECONDS),
        "STORYFOLD_DELIVERY_RETRY_SECONDS": "0.02",
        "STORYFOLD_NETWORK_THREADS": "8",
    }
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "workers", "network"]
        running.append(subprocess.Popen(command, env=inherited | given, stdin=subprocess.DEVNULL))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@contextmanager
def beating(app: Celery, runtime: Runtime) -> Iterator[None]:
    """What beat does: have due work looked for, many times a second."""
    register(app, lambda: runtime)
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(0.2):
            app.tasks["dispatch"]()

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def subscribe(sessions: Sessions, url: str) -> tuple[int, str]:
    with sessions.begin() as session:
        made, secret = subscriptions.make(session, Wanted(url), "ada", datetime.now(UTC))
        return made.id, secret


def happen(sessions: Sessions, count: int) -> list[int]:
    """So many changes of one story. -> their cursors."""
    now = datetime.now(UTC)
    counts = dict.fromkeys(("article_count", "source_count", "cluster_count"), 1)
    times = dict.fromkeys(("dated_at", "created_at", "updated_at"), now)
    with sessions.begin() as session:
        story = session.scalars(insert(Story).values(**counts, **times).returning(Story.id)).one()
        first = last_cursor(session) + 1
        places = list(range(first, first + count))
        rows = [{"cursor": place, "kind": "grown", "story_id": story, "at": now} for place in places]
        session.execute(insert(Change), rows)
    return places


def wait_for(look: Callable[[], bool], otherwise: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not look():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)


@pytest.mark.timeout(600)
def test_every_change_is_told_signed_and_none_is_lost(
    app: Celery, runtime: Runtime, sessions: Sessions, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    endpoints = {f"/{behave.__name__}": Endpoint(behave) for behave in (steady, failing, hanging, gone)}
    dying = Endpoint(steady)
    with ExitStack() as stack:
        site = stack.enter_context(Site())
        site.routes |= endpoints
        kept = {path: subscribe(sessions, site.url(path)) for path in endpoints}
        with Site("127.0.0.2") as before:
            before.routes["/dying"] = dying
            kept["/dying"] = subscribe(sessions, before.url("/dying"))
            stack.enter_context(beating(app, runtime))
            cursors_told = happen(sessions, CHANGES)
            process = worker()
            wait_for(lambda: len(dying.told()) >= 3, dying.told)
        # the endpoint has died; workers die over their messages, at any moment
        cursors_told += kill_and_go_on(sessions, endpoints["/failing"], CHANGES // 3, process)
        process = worker()
        wait_for(lambda: failing_by_now(sessions, kept["/dying"][0]), lambda: "nobody notices a dead endpoint")
        after = stack.enter_context(Site("127.0.0.2", port=before.port))
        after.routes["/dying"] = dying
        cursors_told += kill_and_go_on(sessions, endpoints["/failing"], CHANGES, process)
        worker()
        wait_for(lambda: paused(sessions, kept["/gone"][0]), lambda: "410 pauses nothing")
        endpoints["/gone"].behave = steady
        with sessions.begin() as session:
            subscriptions.resume(session, kept["/gone"][0], "ada", datetime.now(UTC))
        everybody = endpoints | {"/dying": dying}
        wait_for(
            lambda: all(set(endpoint.told()) == set(cursors_told) for endpoint in everybody.values()),
            lambda: {path: sorted(set(cursors_told) - set(endpoint.told())) for path, endpoint in everybody.items()},
        )
    for path, endpoint in everybody.items():
        for request in endpoint.took:
            Webhook(kept[path][1]).verify(request.body, request.headers)
        ids = {request.headers["webhook-id"] for request in endpoint.took}
        assert len(ids) == len(cursors_told), path  # what came twice can be told by its id


def kill_and_go_on(sessions: Sessions, endpoint: Endpoint, told: int, process: subprocess.Popen[bytes]) -> list[int]:
    """Kill the worker once the endpoint was told so much; what happens then is owed too."""
    wait_for(lambda: len(endpoint.told()) >= told, endpoint.told)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return happen(sessions, 3)


def failing_by_now(sessions: Sessions, subscription_id: int) -> bool:
    with sessions() as session:
        return subscriptions.get(session, subscription_id).error_streak > 0


def paused(sessions: Sessions, subscription_id: int) -> bool:
    with sessions() as session:
        return "410" in (subscriptions.get(session, subscription_id).paused_reason or "")
