"""The lookout: sees for all open streams of a process when the log of changes grows.

Streams wait here without a connection to the database: one short look twice a second serves them all, and none is made
where nobody waits.
"""

from __future__ import annotations

import asyncio
import logging

from anyio import to_thread
from fastapi import FastAPI, Request

from api.problems import DATABASE_AWAY
from storyfold.store.changes import last_cursor
from storyfold.store.engine import Sessions

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5


class Lookout:
    """Lives on the event loop that first waits for it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._last = 0
        self._waiting = 0
        self._news: asyncio.Event | None = None
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    async def wait(self, after: int, seconds: float) -> bool:
        """Wait until the log goes on behind `after`. -> whether it does; False after so many seconds, or at the end."""
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._last <= after and not self.closed:
                    await self._next_news()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return not self.closed

    def close(self) -> None:
        """Wake everybody who waits, for good. Called on the event loop."""
        self.closed = True
        self._tell()

    async def _next_news(self) -> None:
        if self._news is None:
            self._news = asyncio.Event()
        news = self._news
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await news.wait()

    async def _look(self) -> None:
        """As long as somebody waits."""
        away = False
        while self._waiting and not self.closed:
            try:
                last = await to_thread.run_sync(self._read)
            except DATABASE_AWAY as error:
                if not away:
                    log.warning("PostgreSQL does not answer, streams wait for it: %s", error)
                away = True
            else:
                away = False
                if last != self._last:
                    self._last = last
                    self._tell()
            await asyncio.sleep(LOOK_EVERY)

    def _read(self) -> int:
        with self._sessions() as session:
            return last_cursor(session)

    def _tell(self) -> None:
        news, self._news = self._news, None
        if news is not None:
            news.set()


def install(app: FastAPI, sessions: Sessions) -> None:
    app.state.lookout = Lookout(sessions)


async def lookout_of(request: Request) -> Lookout:
    lookout: Lookout = request.app.state.lookout
    return lookout
