"""The data directory: what lies where in it, and whether a directory may become one.

::

    storyfold-data   says that this directory is Storyfold's, and the version of this layout
    lock             while a run holds the directory (lock.py)
    running.json     while a run can be joined (lock.py)
    postgres/        PostgreSQL's data directory          redis/   Redis' append-only file
    run/             sockets, while the engines run       log/     what the engines and their supervisor say
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from storyfold.embedded.urls import POSTGRES_SOCKET
from storyfold.errors import EngineError

LAYOUT = "1"

_SOCKET_PATH_BYTES = 103
"""The longest path a Unix socket can have on every system (macOS; Linux allows 107)."""

_SHORT_PREFIX = "storyfold-"


@dataclass(frozen=True)
class DataDirectory:
    """The paths inside the data directory `root`, which is absolute."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def _marker(self) -> Path:
        return self.root / "storyfold-data"

    @property
    def _elsewhere(self) -> Path:
        """Names the sockets' folder where that had to lie outside."""
        return self.root / "sockets-elsewhere"

    def open(self) -> None:
        """Make the directory if need be. Raises `EngineError` where it is not Storyfold's or cannot be used."""
        try:
            _make_private(self.root)
            self._claim()
            _make_private(self.log)
        except OSError as error:
            raise unusable(self.root, error) from error

    def _claim(self) -> None:
        marker = self._marker
        version = marker.read_text().strip() if marker.is_file() else ""
        if version == LAYOUT:
            return
        if version:
            raise EngineError(
                f"{self.root} has layout {version}, this Storyfold knows {LAYOUT}: use the version that made it"
            )
        ignored = ("lost+found", marker.name)
        foreign = sorted(p.name for p in self.root.iterdir() if p.name not in ignored and not p.name.startswith("."))
        if foreign:
            raise EngineError(
                f"{self.root} holds other things ({', '.join(foreign[:3])}): "
                "let STORYFOLD_DATA_DIR name an empty directory, or one that does not exist yet"
            )
        marker.write_text(f"{LAYOUT}\n")
        give_to_owner(marker, self.root)

    def hand_over(self, uid: int, gid: int) -> None:
        """As root: make `uid` the owner of the directory, of the engines' data and of the logs."""
        for place in (self.postgres, self.redis, self.log):
            if place.is_dir() and place.stat().st_uid != uid:
                give_tree(place, uid, gid)
        for place in (self.root, self._marker):
            os.chown(place, uid, gid, follow_symlinks=False)

    def make_socket_dir(self) -> Path:
        """A private folder whose sockets' paths are no trouble: `run/`, or one in the temporary folder.

        A leftover of a run that was killed is removed first.
        """
        self.remove_socket_dir()
        try:
            if _fits(self.run):
                _make_private(self.run)
                return self.run
            folder = _short_folder()
            self._elsewhere.write_text(str(folder))
        except OSError as error:
            raise unusable(self.root, error) from error
        return folder

    def remove_socket_dir(self) -> None:
        """Remove the sockets and their folder. Nothing happens where there is none."""
        shutil.rmtree(self.run, ignore_errors=True)
        if self._elsewhere.is_file():
            folder = Path(self._elsewhere.read_text())
            owners = {self.root.stat().st_uid, self._elsewhere.stat().st_uid}
            if folder.name.startswith(_SHORT_PREFIX) and folder.is_dir() and folder.lstat().st_uid in owners:
                shutil.rmtree(folder, ignore_errors=True)
            self._elsewhere.unlink(missing_ok=True)


def unusable(path: Path, error: OSError) -> EngineError:
    """What a person is told when the system does not let Storyfold use its data directory."""
    place = error.filename or path
    return EngineError(
        f"{place}: {error.strerror}. Storyfold must be able to read and write its data directory {path}: "
        "start it as the user who owns that, or let STORYFOLD_DATA_DIR name another"
    )


def _make_private(folder: Path) -> None:
    if folder.is_dir():
        return
    above = folder.parent
    above.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    give_to_owner(folder, above)


def give_to_owner(path: Path, above: Path) -> None:
    """Root makes files for the owner of the folder they lie in, who may come without root the next time."""
    if os.geteuid() == 0:
        status = above.stat()
        os.chown(path, status.st_uid, status.st_gid, follow_symlinks=False)


def give_tree(top: Path, uid: int, gid: int) -> None:
    """As root: make `uid` the owner of the folder `top` and of everything in it."""
    for folder, _, files in os.walk(top):
        for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - many files
            os.chown(path, uid, gid, follow_symlinks=False)


def _fits(folder: Path) -> bool:
    """Whether sockets can lie there: libpq takes a comma for the end of the folder's name."""
    return "," not in str(folder) and len(os.fsencode(folder / POSTGRES_SOCKET)) <= _SOCKET_PATH_BYTES


def _short_folder() -> Path:
    for place in dict.fromkeys([tempfile.gettempdir(), "/tmp", "/var/tmp"]):  # noqa: S108 - mkdtemp makes a private folder in it
        if _fits(Path(place) / f"{_SHORT_PREFIX}12345678") and os.access(place, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix=_SHORT_PREFIX, dir=place))
    raise EngineError(
        "no temporary folder with a path short enough for a socket: let STORYFOLD_DATA_DIR name a shorter path"
    )
