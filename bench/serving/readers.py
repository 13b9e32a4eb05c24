"""Many writers of changes and two readers, through restarts of the API and breaks of the stream."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from following import PageReader, StreamReader, Writers, running_api, wait_until
from sqlalchemy import select

from storyfold.store.changes import change_cursor, last_cursor
from storyfold.store.engine import make_engine, make_sessions
from storyfold.store.tables import Change

WRITERS = 8
RESTART_EVERY = 15.0
DROP_EVERY = 3.0


@dataclass(frozen=True)
class Told:
    written: int
    restarts: int
    connections: int
    pages: str
    stream: str


def follow(database_url: str, redis_url: str, seconds: float) -> Told:
    engine = make_engine(database_url, pool_size=WRITERS + 2)
    sessions = make_sessions(engine)
    with sessions() as session:
        before = last_cursor(session)
    restarts = 0
    with running_api(database_url=database_url, redis_url=redis_url, rate_per_minute="0") as api:
        pages = PageReader(api, change_cursor(before))
        with StreamReader(api, cursor=change_cursor(before)) as stream:
            with Writers(sessions, WRITERS):
                start = time.monotonic()
                drop_at, restart_at = start + DROP_EVERY, start + RESTART_EVERY
                while time.monotonic() < start + seconds:
                    pages.read()
                    if time.monotonic() > drop_at:
                        stream.drop()
                        drop_at += DROP_EVERY
                    if time.monotonic() > restart_at:
                        api.kill()
                        api.start()
                        restarts += 1
                        restart_at += RESTART_EVERY
            with sessions() as session:
                places = session.scalars(
                    select(Change.cursor).where(Change.cursor > before).order_by(Change.cursor)
                ).all()
            written = [change_cursor(place) for place in places]
            wait_until(pages.read)
            wait_until(lambda: len(stream.seen) >= len(written))
            time.sleep(1)  # for what comes twice
    engine.dispose()
    return Told(len(written), restarts, stream.connections, judged(pages.seen, written), judged(stream.seen, written))


def judged(seen: Sequence[str], written: Sequence[str]) -> str:
    if list(seen) == list(written):
        return "all once, in order"
    missed, more = len(set(written) - set(seen)), len(seen) - len(set(seen))
    return f"MISSED {missed}, TWICE {more}" if missed or more else "OUT OF ORDER"
