"""Being told to stop: a command that has something to put in order first is told by an exception."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """SIGINT, SIGTERM or SIGHUP came: `number`. No `except Exception` of a library on the way may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """Turns the first of the signals into `Stop`, and remembers it: a raise in a finaliser or a callback is lost."""

    def __init__(self) -> None:
        self._came: int | None = None

    def check(self) -> None:
        """Raise `Stop` if a signal came before."""
        if self._came is not None:
            raise Stop(self._came)

    @contextmanager
    def handled(self) -> Iterator[None]:
        """As long as this is entered. A second signal must not cut the stopping short, so it does nothing."""
        before = {number: signal.signal(number, self._handle) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: object) -> None:
        if self._came is not None:
            return
        self._came = number
        print(f"storyfold: {signal.Signals(number).name}, stopping", file=sys.stderr)
        raise Stop(number)
