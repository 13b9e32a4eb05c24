"""Being told to stop, wherever the program happens to be."""

from __future__ import annotations

import os
import signal
import sys
import time
import weakref

import pytest

from storyfold.cli.stopping import Signals, Stop


class Thing:
    """Something that a weak reference may point to."""


def stop_me(_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.001)  # the handler has run before the callback is over


def stopped_in_a_callback() -> None:
    thing = Thing()
    seen = weakref.ref(thing, stop_me)
    del thing
    assert seen() is None
    for _ in range(1000):
        time.sleep(0.01)


def test_a_stop_that_comes_in_a_callback_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    with Signals().handled(), pytest.raises(Stop, match="SIGTERM"):
        stopped_in_a_callback()
    assert capfd.readouterr().err == "storyfold: SIGTERM, stopping\n"


def test_a_second_signal_does_not_cut_the_stopping_short() -> None:
    signals, stopped = Signals(), 0
    with signals.handled():
        for _ in range(2):
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)
            except Stop:
                stopped += 1
    assert stopped == 1


def test_afterwards_all_is_as_it_was_before() -> None:
    before = (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGALRM), sys.unraisablehook)
    with Signals().handled():
        pass
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGALRM), sys.unraisablehook) == before
