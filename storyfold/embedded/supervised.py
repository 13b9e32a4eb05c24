"""One engine under supervision: started, watched, started again after a crash, stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
from pathlib import Path
from typing import Protocol

import psutil

from storyfold.embedded.identity import Identity
from storyfold.embedded.logs import bound_log, log_tail, open_log
from storyfold.errors import EngineError

log = logging.getLogger(__name__)

DELAYS = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each start after a crash; after as many crashes in a row the engine is given up."""

STEADY = 2.0
"""Seconds an engine must have been ready for the next crash to be a first one."""

STOP_SECONDS = 30.0
ABORT_SECONDS = 5.0


class Engine(Protocol):
    """What a kind of engine knows of itself."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Path: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    @property
    def abort_signal(self) -> signal.Signals: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def ready(self, pid: int) -> bool: ...


class Supervised:
    """Runs `engine`; what it says goes to `log_dir`. Only `stop` waits: `tick` is called again and again."""

    def __init__(self, engine: Engine, log_dir: Path) -> None:
        self.engine = engine
        self.process: subprocess.Popen[bytes] | None = None
        self.ready_since: float | None = None
        self._log_dir = log_dir
        self._crashes = 0
        self._start_at = 0.0

    @property
    def ready(self) -> bool:
        return self.ready_since is not None

    def tick(self, now: float) -> None:
        """Do what is due at `now` (monotonic seconds). Raises `EngineError` when the engine is given up."""
        if self.process is None:
            if now >= self._start_at:
                self._start()
        elif self.process.poll() is not None:
            self._crashed(now)
        elif self.ready_since is None and self.engine.ready(self.process.pid):
            self.ready_since = now
            log.info("%s: ready, process %s", self.engine.name, self.process.pid)

    def ask_to_stop(self) -> None:
        """Begin what `stop` waits for."""
        if self.process is not None:
            self.process.send_signal(self.engine.stop_signal)

    def stop(self) -> None:
        """Stop the engine: cleanly, else by force. Nothing of it is left afterwards."""
        process, self.process, self.ready_since = self.process, None, None
        if process is None:
            return
        for number, seconds in (
            (self.engine.stop_signal, STOP_SECONDS),
            (self.engine.abort_signal, ABORT_SECONDS),
            (signal.SIGKILL, ABORT_SECONDS),
        ):
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                log.info("%s: stopped, exit status %s", self.engine.name, process.returncode)
                break
            log.warning("%s: %s had no effect in %s seconds", self.engine.name, number.name, seconds)

    def _start(self) -> None:
        self.engine.prepare()
        bound_log(self._log_dir, self.engine.name)
        output = open_log(self._log_dir, self.engine.name)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                self.engine.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.engine.place,
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                preexec_fn=self.engine.identity.before_exec(self.engine.abort_signal),  # noqa: PLW1509 - one thread
            )
        finally:
            os.close(output)

    def _crashed(self, now: float) -> None:
        process, was_ready = self.process, self.ready_since
        self.process, self.ready_since = None, None
        status = process.returncode if process else None
        if was_ready is not None and now - was_ready >= STEADY:
            self._crashes = 0
        if self._crashes >= len(DELAYS):
            raise EngineError(
                f"{self.engine.name} ends as often as it is started (exit status {status}). It said:\n"
                + log_tail(self._log_dir, self.engine.name)
            )
        self._start_at = now + DELAYS[self._crashes]
        self._crashes += 1
        log.error("%s: process ended with status %s, starting it again", self.engine.name, status)


def end_orphans(known: set[int]) -> None:
    """Kill the children of this process that are not `known`: what a crashed engine left behind.

    PostgreSQL does not start while a process of the last server is attached to its memory.
    """
    orphans = [child for child in psutil.Process().children() if child.pid not in known]
    for orphan in orphans:
        log.warning("killing process %s, left behind by an engine", orphan.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()
    psutil.wait_procs(orphans, timeout=ABORT_SECONDS)
