"""Processes that fold what waits in a database, until all of it is loaded and nothing waits any more."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Event

from storyfold.errors import EngineError
from storyfold.matching.idf import Idf
from storyfold.stages.fold import Fold
from storyfold.stages.work import RetryPolicy
from storyfold.store.engine import make_engine, make_sessions

LEASE_SECONDS = 600.0
_PAUSE = 0.02


@contextmanager
def folding(database_url: str, workers: int) -> Iterator[Event]:
    """Fold with `workers` processes. Set the event once everything is loaded; leaving waits until all is folded.

    Raises `EngineError` where a process died.
    """
    context = multiprocessing.get_context("spawn")
    loaded = context.Event()
    processes = [context.Process(target=fold_all, args=(database_url, loaded), daemon=True) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        yield loaded
        for process in processes:
            process.join()
    finally:
        for process in processes:
            process.kill()
    if any(process.exitcode for process in processes):
        raise EngineError("a folding process died: see what it printed above")


def fold_all(database_url: str, loaded: Event) -> None:
    """What one process does."""
    sessions = make_sessions(make_engine(database_url, pool_size=2))
    stage = Fold(sessions, Idf(0), RetryPolicy(1, 0.0), LEASE_SECONDS)
    while True:
        finished = loaded.is_set()  # asked before looking for work: what was loaded last must not be missed
        now = datetime.now(UTC)
        with sessions.begin() as session:
            job = stage.claim_waiting(session, now)
        if job is not None:
            prepared = stage.run(job, now)
            with sessions.begin() as session:
                stage.store(session, job, prepared, now)
        elif finished:
            return
        else:
            time.sleep(_PAUSE)
