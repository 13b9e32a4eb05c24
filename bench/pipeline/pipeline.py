"""The pipeline: engines, worker installations, links handed in until each has its fate."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
from measured import LONGEST, Meter, Ran
from running import UNHURRIED, environment, storyfold
from sqlalchemy import text

from api.bell import Bell
from api.broker import make_broker
from storyfold.embedded import TemporaryEngines
from storyfold.settings import Settings
from storyfold.stages.submit import UrlSubmission, submit_urls
from storyfold.store.engine import make_engine, make_sessions

LOOK_EVERY = 0.1


def run_pipeline(urls: Sequence[str], installations: int, warm: Sequence[str] = ()) -> Ran:
    with ExitStack() as stack:
        engines = TemporaryEngines()
        stack.enter_context(engines)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storyfold-pipeline-")))
        runs = [stack.enter_context(workers(folder / f"var{n}", engines)) for n in range(installations)]
        engine = make_engine(engines.database_url)
        stack.callback(engine.dispose)
        sessions = make_sessions(engine)
        bell = Bell(make_broker(Settings(redis_url=engines.redis_url)))
        stack.callback(bell.close)
        wait_until(lambda: _is_idle(sessions), "the seed corpus is not folded")
        for part in (warm[::2], warm[1::2]):
            hand_in(sessions, part, bell)
            wait_until(lambda: _is_idle(sessions), "pages before those that count stay pending")
        watched = Meter([psutil.Process(run.pid) for run in runs] + [psutil.Process(engines.pids["supervisor"])])
        before, started = watched.read(), time.monotonic()
        hand_in(sessions, urls, bell)
        wait_until(lambda: watched.read_now_and_then() and _is_idle(sessions), "links stay pending")
        seconds = time.monotonic() - started
        after = watched.read()
        with sessions() as session:
            rows = session.execute(
                text(
                    "SELECT links.url, fate, cluster_id FROM links LEFT JOIN articles ON articles.link_id = links.id"
                    " WHERE links.url IS NOT NULL"
                )
            ).all()
    rows = [row for row in rows if row.url not in set(warm)]
    cpu = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
    fates = Counter(row.fate for row in rows)
    return Ran(len(urls), seconds, cpu, fates, {row.url.partition("://127")[2]: row.cluster_id for row in rows})


def hand_in(sessions: object, urls: Sequence[str], bell: Bell) -> None:
    """As the API does: in one transaction, then the dispatcher is told."""
    with sessions.begin() as session:  # type: ignore[attr-defined]
        now = datetime.now(UTC)
        for place in range(0, len(urls), 500):
            submit_urls(session, [UrlSubmission(url) for url in urls[place : place + 500]], now)
    bell.ring()


@contextmanager
def workers(data_dir: Path, engines: TemporaryEngines) -> Iterator[subprocess.Popen[bytes]]:
    urls = {"database_url": engines.database_url, "redis_url": engines.redis_url}
    with Path(f"{data_dir}.log").open("wb") as log:
        run = subprocess.Popen(
            storyfold("up", "--only", "workers"),
            env=environment(data_dir, **UNHURRIED, **urls),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield run
    finally:
        run.terminate()
        run.wait(60)


def _is_idle(sessions: object) -> bool:
    with sessions() as session:  # type: ignore[operator]
        links, waiting = session.execute(
            text("SELECT count(*), count(*) FILTER (WHERE fate = 'pending') FROM links")
        ).one()
    return bool(links) and not waiting


def wait_until(look: object, otherwise: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not _quietly(look):
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(LOOK_EVERY)


def _quietly(look: object) -> bool:
    """The first looks come before there are any tables."""
    from sqlalchemy.exc import ProgrammingError

    try:
        return bool(look())  # type: ignore[operator]
    except ProgrammingError:
        return False
