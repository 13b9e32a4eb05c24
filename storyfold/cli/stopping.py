"""Being told to stop: a command that has something to put in order first is told by an exception."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """SIGINT, SIGTERM or SIGHUP came: `number`. No `except Exception` of a library on the way may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """Turns the first of the signals into `Stop`, and remembers it.

    A raise in a finaliser or a callback is lost. Python says so, and it is raised again a moment later.
    """

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
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, lambda *_: self.check())
        hook, sys.unraisablehook = sys.unraisablehook, lambda lost: self._lost(lost, hook)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.unraisablehook = hook
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: object) -> None:
        if self._came is not None:
            return
        self._came = number
        print(f"storyfold: {signal.Signals(number).name}, stopping", file=sys.stderr)
        raise Stop(number)

    def _lost(self, lost: UnraisableHookArgs, others: Callable[[UnraisableHookArgs], object]) -> None:
        if isinstance(lost.exc_value, Stop):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_AFTER)
        else:
            others(lost)


_AGAIN_AFTER = 0.01  # seconds: by then the callback is over
