"""Processes that fold what waits in a database, until all of it is loaded and nothing waits any more."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from storyfold.embedded import linux
from storyfold.errors import EngineError, Transient
from storyfold.garbage import collect_seldom
from storyfold.matching.idf import Idf
from storyfold.stages.fold import Fold, FoldJob
from storyfold.stages.repair import Repair
from storyfold.stages.showing import show_all
from storyfold.stages.work import RetryPolicy
from storyfold.store.candidates import Loader
from storyfold.store.engine import WORKERS_PING_AFTER, Sessions, make_engine, make_sessions

log = logging.getLogger(__name__)

LEASE_SECONDS = 600.0
# Articles that one process folds between two looks at what changed: with two, some 1,000 come in between.
REPAIR_AFTER = 500
_PAUSE = 0.02
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def folding(database_url: str, workers: int, *, repair: bool) -> Iterator[Event]:
    """Fold with `workers` processes, the first of which looks again at stories now and then, as the service does.

    Set the event once everything is loaded; leaving waits until all is folded.
    Raises `EngineError` as soon as a process died: what it held is not folded before its lease ends.
    """
    context = multiprocessing.get_context("spawn")
    loaded = context.Event()
    processes = [
        context.Process(target=fold_all, args=(database_url, loaded, repair and n == 0), daemon=True)
        for n in range(workers)
    ]
    try:
        _start(processes)
        yield loaded
        _until_all_end(processes)
    finally:
        _end(processes)
    if any(process.exitcode for process in processes):
        raise EngineError("a folding process died: see what it printed above, or whether memory ran out")


def _start(processes: Sequence[BaseProcess]) -> None:
    """Start them deaf to what stops this process, which is the one to end them: a terminal tells its whole group.

    What tracks the event's semaphore runs by now; starting it would have let the signals in again.
    """
    with _held_back():
        for process in processes:
            process.start()


@contextmanager
def _held_back() -> Iterator[None]:
    """Signals that stop come when this is left. Blocking them would do, and be passed on to what is started, were this
    the only thread: what others of a library take is handled here all the same."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _STOPPING}
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        for held in came:
            signal.raise_signal(held)


def _end(processes: Sequence[BaseProcess]) -> None:
    started = [process for process in processes if process.pid is not None]
    for process in started:
        process.kill()
    for process in started:
        process.join()


def _until_all_end(processes: Sequence[BaseProcess]) -> None:
    """Wait until all of them have ended, or one has failed."""
    while (running := [p.sentinel for p in processes if p.exitcode is None]) and not any(p.exitcode for p in processes):
        wait(running)


def fold_all(database_url: str, loaded: Event, repair: bool) -> None:
    """What one process does. It ends with the process that started it, also where that was killed."""
    if linux.AVAILABLE:
        linux.die_with_parent(signal.SIGKILL)
    collect_seldom()
    folded = since = counted = 0
    sessions = make_sessions(make_engine(database_url, pool_size=2, ping_after=WORKERS_PING_AFTER))
    idf, loader = Idf(0), Loader()
    stage, second_look = Fold(sessions, idf, RetryPolicy(1, 0.0), LEASE_SECONDS, loader), Repair(idf, loader)
    while True:
        finished = loaded.is_set()  # asked before looking for work: what was loaded last must not be missed
        with sessions.begin() as session:
            job = stage.claim_waiting(session, datetime.now(UTC))
        if job is not None:
            _fold(sessions, stage, job)
            folded, since = folded + len(job.leases), since + len(job.leases)
            if repair and since >= REPAIR_AFTER:
                if folded >= 2 * counted:
                    _take_stock(sessions)
                    counted = folded
                repair_all(sessions, second_look)
                since = 0
        elif finished:
            if repair:
                repair_all(sessions, second_look)  # another process would have to read and weigh all anew
            show_all(sessions, idf, loader)
            return
        else:
            time.sleep(_PAUSE)


def _take_stock(sessions: Sessions) -> None:
    """Tables that were empty a moment ago, or half as large, are planned for as if they were until somebody counts."""
    with sessions.begin() as session:
        session.execute(text("ANALYZE articles, clusters, stories, bonds, fingerprints"))


def repair_all(sessions: Sessions, second_look: Repair | None = None) -> None:
    """Look at all clusters and stories that changed."""
    second_look = second_look or Repair()
    looked_at = 1
    while looked_at:
        with sessions.begin() as session:
            looked_at = second_look.step(session, datetime.now(UTC))


def _fold(sessions: Sessions, stage: Fold, job: FoldJob) -> None:
    """Fold a batch. One that fails is taken apart; an article that fails alone is given up, and the others go on."""
    now = datetime.now(UTC)
    try:
        prepared = stage.run(job, now)
        with sessions.begin() as session:
            stage.store(session, job, prepared, now)
    except (OperationalError, InterfaceError):
        raise  # the database is away: no article's fault
    except Exception as error:
        log.exception("a batch of %s could not be folded", len(job.leases))
        with sessions.begin() as session:
            stage.fail(session, job, Transient("internal-error", f"{type(error).__name__}: {error}"[:500]), now)
