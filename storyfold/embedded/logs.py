"""The log files of the engines and of their supervisor: `log/<name>.log`, and `log/<name>.log.1` before that."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from storyfold.embedded.directory import give_to_owner

LIMIT = 5_000_000
"""Bytes after which a log is moved to its `.1`, so that a name never takes much more than twice this."""

_TAIL_BYTES = 4_000


def open_log(folder: Path, name: str) -> int:
    """A file descriptor that appends to the log `name`."""
    path = folder / f"{name}.log"
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    give_to_owner(path, folder)
    return fd


def bound_log(folder: Path, name: str, limit: int = LIMIT) -> None:
    """Move what is in the log `name` to its `.1` when it is more than `limit` bytes.

    The writers go on in the emptied file: they append. What they write in that moment is lost.
    """
    path = folder / f"{name}.log"
    if path.is_file() and path.stat().st_size > limit:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


def log_tail(folder: Path, name: str, lines: int = 6) -> str:
    """The last lines of the log `name`, for a message."""
    path = folder / f"{name}.log"
    if not path.is_file():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
