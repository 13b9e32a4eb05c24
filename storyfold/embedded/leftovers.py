"""An engine that outlived the run it belonged to.

Where the kernel ends a child with its parent (Linux) there is none, but for the moment it takes to go. A process id
from a file proves nothing: the process may be another by now. Only one that works in the engine's own directory is the
engine.
"""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import psutil

from storyfold.errors import DataDirectoryInUse, EngineError

_GOING = 10.0
"""Seconds a leftover gets to end after a signal."""


def clear_leftover(pid_file: Path, directory: Path, *, program: str, ours: str, stop: signal.Signals) -> None:
    """Make sure that no `program` runs in `directory`, and remove `pid_file`.

    A leftover that has `ours` on its command line was started by Storyfold and is stopped: by `stop`, else by force.
    Any other is left alone: `DataDirectoryInUse`. To be called by the holder of the data directory's lock.
    """
    process = _process(pid_file)
    if process is not None and _runs_in(process, program, directory):
        _end(process, directory, ours, stop)
        if not _gone(process):
            raise EngineError(f"process {process.pid} of an earlier run cannot be stopped and holds {directory}")
    pid_file.unlink(missing_ok=True)


def _process(pid_file: Path) -> psutil.Process | None:
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return psutil.Process(int(pid_file.read_text().split()[0]))
    return None


def _runs_in(process: psutil.Process, program: str, directory: Path) -> bool:
    """False for a process of another kind or place, and for a dead one."""
    try:
        if process.name() != program or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == directory
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # another user's: then its command line, which names its directory, must do
        return str(directory) in " ".join(process.cmdline())


def _end(process: psutil.Process, directory: Path, ours: str, stop: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        if ours not in " ".join(process.cmdline()):
            raise DataDirectoryInUse(
                f"process {process.pid} ({process.name()}) runs in {directory} and was not started by Storyfold: "
                "stop it first"
            )
        process.send_signal(stop)
        if not _gone(process):
            process.kill()


def _gone(process: psutil.Process) -> bool:
    try:
        process.wait(_GOING)
    except psutil.TimeoutExpired:
        return False
    return True
