"""Asking the workers what a text is a copy of, and waiting for the answer."""

from __future__ import annotations

import time
from threading import BoundedSemaphore
from typing import Any
from uuid import uuid4

from celery import Celery, states

from api.broker import BROKER_ERRORS
from storyfold.errors import EngineError, StoryfoldError

# Questions that may wait at once: the rest of the threads go on serving requests.
WAITING_AT_ONCE = 16

_FIRST_LOOK = 0.005
_LONGEST_WAIT = 0.05


class NoAnswer(StoryfoldError):
    """The workers gave no answer in time."""


class Matcher:
    """For many threads at once."""

    def __init__(self, broker: Celery, seconds: float) -> None:
        self._broker = broker
        self._seconds = seconds
        self._places = BoundedSemaphore(WAITING_AT_ONCE)

    def ask(self, task: str, question: dict[str, Any]) -> dict[str, Any]:
        """Have `task` work on the question. -> its answer.

        Raises:
            NoAnswer: too many are waiting, nothing came in time, or the work broke.
            EngineError: Redis is away.
        """
        if not self._places.acquire(blocking=False):
            raise NoAnswer(f"{WAITING_AT_ONCE} comparisons are waiting for workers already")
        try:
            return self._wait(self._send(task, question))
        except BROKER_ERRORS as error:
            raise EngineError("Redis does not answer") from error
        finally:
            self._places.release()

    def _send(self, task: str, question: dict[str, Any]) -> str:
        """Send the question; it is dropped unread where nobody takes it while somebody waits. -> its id.

        The backend is not told (it would subscribe a connection of its own to the answer): the answer is looked for.
        """
        task_id = str(uuid4())
        with self._broker.producer_or_acquire() as producer:
            message = self._broker.amqp.create_task_message(
                task_id, task, (question,), {}, expires=self._seconds, ignore_result=False
            )
            self._broker.amqp.send_task_message(producer, task, message, queue=task)
        return task_id

    def _wait(self, task_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + self._seconds
        pause = _FIRST_LOOK
        while time.monotonic() < deadline:
            meta = self._broker.backend.get_task_meta(task_id)
            if meta["status"] in states.READY_STATES:
                return self._answer(task_id, meta)
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_WAIT)
        raise NoAnswer(f"no worker answered within {self._seconds:g} seconds")

    def _answer(self, task_id: str, meta: dict[str, Any]) -> dict[str, Any]:
        self._broker.backend.forget(task_id)
        if meta["status"] != states.SUCCESS:
            raise NoAnswer("the comparison broke off")
        answer: dict[str, Any] = meta["result"]
        return answer
