"""The bookkeeping of crashes, with programs that take no time to start."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from engine_runs import SECONDS

from storyfold.embedded.identity import Identity
from storyfold.embedded.supervised import DELAYS, STEADY, Supervised
from storyfold.errors import EngineError


@dataclass
class Program:
    """An engine that is any command; `is_ready` from the start."""

    place: Path
    words: list[str]
    is_ready: bool = True
    name = "program"
    stop_signal = signal.SIGTERM
    abort_signal = signal.SIGKILL
    identity: Identity = field(default_factory=lambda: Identity("me", os.geteuid(), os.getegid(), lambda: None))

    def prepare(self) -> None: ...

    def command(self) -> list[str]:
        return self.words

    def ready(self, pid: int) -> bool:
        return self.is_ready


def supervised(folder: Path, *words: str) -> Supervised:
    return Supervised(Program(folder, list(words)), folder)


def crash_after(engine: Supervised, now: float) -> None:
    """Start the engine if it is not, let its process end, and have that noticed at `now`."""
    if engine.process is None:
        engine.tick(now)
    engine.process.wait(SECONDS)
    engine.tick(now)


def test_an_engine_that_never_gets_ready_is_started_a_bounded_number_of_times(tmp_path: Path) -> None:
    engine = supervised(tmp_path, "sh", "-c", "echo no such luck; exit 3")
    now = 0.0
    for delay in DELAYS:
        crash_after(engine, now)
        now += delay
    with pytest.raises(EngineError, match=r"exit status 3(.|\n)*no such luck"):
        crash_after(engine, now)


def test_an_engine_waits_longer_after_each_crash(tmp_path: Path) -> None:
    engine = supervised(tmp_path, "false")
    now = 0.0
    for delay in DELAYS:
        crash_after(engine, now)
        if delay:
            engine.tick(now + delay * 0.9)
            assert engine.process is None
        now += delay


def test_crashes_with_steady_times_between_are_not_counted_together(tmp_path: Path) -> None:
    engine = supervised(tmp_path, "sleep", "60")
    now = 0.0
    for _ in range(3 * len(DELAYS)):
        engine.tick(now)
        engine.tick(now)
        assert engine.ready
        engine.process.kill()
        now += STEADY
        crash_after(engine, now)
    engine.stop()


def test_a_stop_ends_a_program_that_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storyfold.embedded.supervised.STOP_SECONDS", 0.1)
    engine = supervised(tmp_path, "sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done")
    engine.tick(0.0)
    process = engine.process
    while "deaf" not in (tmp_path / "program.log").read_text():
        assert process.poll() is None
    engine.stop()
    assert process.returncode == -signal.SIGKILL
