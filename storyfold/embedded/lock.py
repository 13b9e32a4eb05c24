"""One run at a time in a data directory, and how other commands find that run.

The lock is an `flock` on `lock`. The supervisor inherits the open file, so that the directory stays locked until the
engines of a run that was killed are gone as well. The file is removed on release; whoever locks a file that is no
longer the one in the directory begins again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from storyfold.embedded.directory import give_to_owner, unusable
from storyfold.errors import DataDirectoryInUse

_GRACE = 0.3
"""Seconds to try again although the holder lives: a command that only looks holds the lock for a moment."""

_PATIENCE = 30.0
"""Seconds to wait for the engines of a killed run to go."""

_PAUSE = 0.02


class RunningUrls(NamedTuple):
    """How to join a run. `api_url` is `None` where the run has no API, or not yet."""

    database_url: str
    redis_url: str
    api_url: str | None


class DataDirectoryLock:
    """The lock of the data directory `data_dir`, which exists."""

    def __init__(self, data_dir: Path, *, patience: float = _PATIENCE) -> None:
        self._path = data_dir / "lock"
        self._state = data_dir / "running.json"
        self._patience = patience
        self._fd: int | None = None
        self._owner = 0

    @property
    def held(self) -> bool:
        return self._fd is not None and self._owner == os.getpid()

    @property
    def fd(self) -> int:
        """The open file, for a process that is to share the lock."""
        if self._fd is None:
            raise RuntimeError("the lock is not held")
        return self._fd

    def acquire(self) -> None:
        """Take the lock. Raises `DataDirectoryInUse`, with the holder's process id, where another run has it."""
        started = time.monotonic()
        while (fd := self._try()) is None:
            waited, holder = time.monotonic() - started, _holder(self._path)
            alive = holder is not None and _lives(holder)
            if waited > self._patience or (alive and waited > _GRACE):
                who = f"process {holder}" if alive else "what is left of a run that was killed"
                raise DataDirectoryInUse(
                    f"{self._path.parent} is in use by {who}: stop that, or let STORYFOLD_DATA_DIR name another"
                )
            time.sleep(_PAUSE)
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
        give_to_owner(self._path, self._path.parent)
        self._fd, self._owner = fd, os.getpid()
        self._state.unlink(missing_ok=True)

    def publish(self, urls: RunningUrls) -> None:
        """Let other commands join this run, until the lock is released."""
        scratch = self._state.with_suffix(".new")
        scratch.touch(mode=0o600)
        give_to_owner(scratch, scratch.parent)
        scratch.write_text(json.dumps(urls._asdict()))
        scratch.replace(self._state)

    def release(self) -> None:
        """Give the lock back. In a forked child, or when the lock is not held, nothing happens to the lock."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        if self._owner == os.getpid():
            self._state.unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)
            fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)

    def _try(self) -> int | None:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise unusable(self._path.parent, error) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), self._path.stat()):
                return fd
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(fd)
        return None


def running_urls(data_dir: Path) -> RunningUrls | None:
    """How to join the run that holds `data_dir` now; `None` where there is none, or none that is ready.

    Raises `EngineError` where the directory may not be read.
    """
    try:
        with (data_dir / "lock").open("rb") as lock:
            holder = _holder(data_dir / "lock")
            if holder is None or not psutil.pid_exists(holder) or not _held(lock.fileno()):
                return None
        return RunningUrls(**json.loads((data_dir / "running.json").read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unusable(data_dir, error) from error


def _held(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _lives(pid: int) -> bool:
    """Whether a process runs; one that was killed and not yet waited for by its parent holds nothing any more."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _holder(path: Path) -> int | None:
    """The process id in the lock file; `None` in the moment before it is written."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(path.read_text())
    return None
