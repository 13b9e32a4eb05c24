"""The doorbell: tells the workers that something is due, now instead of within a second."""

from __future__ import annotations

import logging

from celery import Celery

from api.broker import BROKER_ERRORS, DISPATCH

log = logging.getLogger(__name__)

# Workers look for due work each second by themselves: a bell not heard by then has nothing to say.
RING_SECONDS = 2


class Bell:
    def __init__(self, broker: Celery) -> None:
        self._broker = broker

    def ring(self) -> None:
        """Say that work is due. Call after the commit. Where Redis is away, the work waits where it is kept."""
        try:
            self._broker.send_task(DISPATCH, queue=DISPATCH, expires=RING_SECONDS, ignore_result=True)
        except BROKER_ERRORS as error:
            log.warning("Redis does not take messages (%s): the work waits for the next dispatch", error)

    def close(self) -> None:
        self._broker.close()
