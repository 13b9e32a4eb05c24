"""What a worker does when Redis goes away under it: it ends, and whoever runs it starts another.

Celery connects anew inside the worker, and that leaves workers that live and do nothing. Seen here (Celery and kombu
5.7, Redis killed while tasks were taken): the acknowledgement of a message fails, which is logged and forgotten; the
message counts as being in hand for ever; with `worker_prefetch_multiplier` such messages the worker asks for no more,
and so never notices that its connection is gone. A worker that starts waits for Redis as long as it takes.
"""

from __future__ import annotations

import logging

from celery import Task
from celery.worker import state
from celery.worker.request import Request

log = logging.getLogger(__name__)


class EndingRequest(Request):
    """Ends the worker, after the tasks in hand, where a message cannot be acknowledged."""

    acknowledged: bool

    def acknowledge(self) -> None:
        if self.acknowledged:
            return
        try:
            self._message.ack()
        except self._connection_errors as error:
            log.warning("Redis took no acknowledgement (%s): this worker ends, to be started again", error)
            state.should_stop = True
        self.acknowledged = True


class Doorbell(Task):
    """A task whose messages are taken as above."""

    Request = EndingRequest
