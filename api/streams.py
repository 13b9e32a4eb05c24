"""The changes as server-sent events: from where a reader stands, and on as they happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from anyio import to_thread
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from api.lookout import LOOK_EVERY, Lookout
from api.problems import DATABASE_AWAY
from api.schemas.changes import ChangeItem
from api.services import Services
from storyfold.errors import BadInput
from storyfold.store.changes import ChangeFilter, ChangesRead, change_cursor, follow_changes

HEARTBEAT = 15.0
AT_ONCE = 200
RECONNECT_MS = 2_000

LONGEST = 600.0
"""Seconds after which a stream ends, for its reader to come back: a key is looked at when a request comes in."""


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Stream:
    """What one reader follows. Between two readings it holds no connection to the database."""

    door: Services
    lookout: Lookout
    wanted: ChangeFilter

    def read(self, after: int) -> ChangesRead:
        """Raises `BadInput` where `after` lies ahead of the log."""
        with self.door.reading() as session:
            return follow_changes(session, self.wanted, after=after, limit=AT_ONCE)

    async def events(self, first: ChangesRead) -> AsyncIterator[bytes]:
        """What was read first, and all that comes after, for `LONGEST` at most. Heartbeats are comments.

        Where a filter let nothing through for a while, the heartbeat carries the id: who comes back goes on there.
        """
        until = time.monotonic() + LONGEST
        yield format_sse_event(retry=RECONNECT_MS, comment="the changes, as they happen")
        page: ChangesRead | None = first
        told = -1
        while page is not None:
            if page.changes:  # in one piece: after each, the server looks whether the reader is still there
                yield b"".join(_event(ChangeItem.of_change(change)) for change in page.changes)
                told = page.changes[-1].cursor
            if not page.more and not await self.lookout.wait(page.behind, HEARTBEAT):
                skipped = told != page.behind
                yield format_sse_event(comment="still here", id=change_cursor(page.behind) if skipped else None)
                told = page.behind
            page = await self._go_on(page.behind) if time.monotonic() < until else None

    async def _go_on(self, after: int) -> ChangesRead | None:
        """The next reading; None where there will be none: the API ends, or the log was set back (who comes back to
        an older log is told so)."""
        if self.lookout.closed:
            return None
        try:
            return await to_thread.run_sync(self.read, after)
        except BadInput:
            return None
        except DATABASE_AWAY:  # the lookout says so in the log, once
            await asyncio.sleep(LOOK_EVERY)
            return ChangesRead((), after, more=False)


def _event(change: ChangeItem) -> bytes:
    return format_sse_event(data_str=change.model_dump_json(), id=change.cursor)
