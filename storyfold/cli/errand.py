"""An errand: work done by a process of its own, so that what it loads is gone with it.

A process that lives for months and only watches others should not hold the libraries it needed for its first second.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from storyfold.cli.stopping import STOPPING
from storyfold.embedded import linux
from storyfold.errors import EngineError, StoryfoldError


def run_errand(work: Callable[[], None]) -> None:
    """Do `work` in a forked process and wait for it. For programs of a single thread.

    Raises:
        EngineError: with the message of the `StoryfoldError` that `work` raised, or that it failed otherwise; then its
            traceback is on standard error.
    """
    sys.stdout.flush()
    reading, writing = os.pipe()
    # until both sides know who they are: a signal's handler would run in either
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    child = os.fork()
    if child == 0:
        os.close(reading)
        _do(work, writing)
    os.close(writing)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read().decode()
        _, status = os.waitpid(child, 0)
    except BaseException:  # who is told to stop does not wait for errands
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if status:
        raise EngineError(said or "what a start needs could not be prepared: see above")


def _do(work: Callable[[], None], writing: int) -> NoReturn:
    """The child's whole life. Signals are for the run, which then ends its errands."""
    status = 1
    try:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        if linux.AVAILABLE:
            linux.die_with_parent(signal.SIGKILL)
        work()
        status = 0
    except StoryfoldError as error:
        os.write(writing, str(error).encode())
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run in here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
