"""The log of changes under many writers: no place is left out, and nothing is seen before what stands before it."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime

from sqlalchemy import select

from storyfold.store.changes import EVERYTHING, follow_changes
from storyfold.store.engine import Sessions
from storyfold.store.folding import append_changes, lock_folding
from storyfold.store.tables import Change, ChangeKind

WRITERS, ROUNDS = 6, 15


def write(sessions: Sessions, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(ROUNDS):
        with sessions.begin() as session:
            lock_folding(session)
            append_changes(session, [(ChangeKind.GROWN, seed, None)] * rng.randint(1, 3), datetime.now(UTC))
            if rng.random() < 0.2:
                session.rollback()


def test_a_reader_beside_many_writers_sees_every_change_once_in_order(sessions: Sessions) -> None:
    writers = [threading.Thread(target=write, args=(sessions, n)) for n in range(1, WRITERS + 1)]
    seen: list[int] = []
    for writer in writers:
        writer.start()
    alive = True
    while alive or not seen or read(sessions, seen):
        alive = any(writer.is_alive() for writer in writers)
        read(sessions, seen)
    for writer in writers:
        writer.join()
    with sessions() as session:
        assert seen == list(session.scalars(select(Change.cursor).order_by(Change.cursor)))
    assert seen == list(range(1, len(seen) + 1))


def read(sessions: Sessions, seen: list[int]) -> int:
    """Go on behind what was seen. -> how many there were."""
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = follow_changes(session, wanted=EVERYTHING, after=seen[-1] if seen else 0, limit=7).changes
    seen += [change.cursor for change in found]
    return len(found)
