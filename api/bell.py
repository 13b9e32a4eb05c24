"""The doorbell: tells the workers that something is due, now instead of within a second."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from celery import Celery

from api.broker import BROKER_ERRORS, DISPATCH

log = logging.getLogger(__name__)

# Workers look for due work each second by themselves: a bell not heard by then has nothing to say.
RING_SECONDS = 2

# A Redis that hangs costs each ring its patience: once is enough for so many seconds.
SILENT_SECONDS = 5


class Bell:
    """For many threads at once. `clock` counts seconds."""

    def __init__(self, broker: Celery, clock: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._clock = clock
        self._silent_until = float("-inf")

    def ring(self) -> None:
        """Say that work is due. Call after the commit. Where Redis is away, the work waits where it is kept."""
        if self._clock() < self._silent_until:
            return
        try:
            self._broker.send_task(DISPATCH, queue=DISPATCH, expires=RING_SECONDS, ignore_result=True)
        except BROKER_ERRORS as error:
            self._silent_until = self._clock() + SILENT_SECONDS
            log.warning("Redis does not take messages (%s): the work waits for the next dispatch", error)

    def close(self) -> None:
        self._broker.close()
