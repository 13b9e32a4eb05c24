"""How Redis is started: durable enough for a queue that only carries, reached by a socket only."""

from __future__ import annotations

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from storyfold.embedded.binaries import redis_program
from storyfold.embedded.directory import DataDirectory
from storyfold.embedded.identity import Identity
from storyfold.embedded.leftovers import clear_leftover
from storyfold.embedded.urls import REDIS_SOCKET
from storyfold.errors import EngineError

DATABASES = 64
"""Numbered databases, so that parallel test processes can have one each."""

_OWN_FILES = ("appendonly.aof", "dump.rdb", "temp-*", "redis.pid")

_OURS = "storyfold"
"""In the title of the process: marks it as started by Storyfold."""

_ANSWER_SECONDS = 0.5


@dataclass(frozen=True)
class RedisEngine:
    """Redis on `directory`, run as `identity`, reached by a socket in `socket_dir` and by nothing else."""

    directory: DataDirectory
    socket_dir: Path
    identity: Identity
    durable: bool = True

    name = "redis"
    stop_signal = signal.SIGTERM
    abort_signal = signal.SIGKILL

    @property
    def place(self) -> Path:
        return self.directory.redis

    @property
    def _socket(self) -> Path:
        return self.socket_dir / REDIS_SOCKET

    def prepare(self) -> None:
        """Make the directory, or check the one there is; remove what a killed server left.

        Raises `EngineError`, saying what to do, where the directory cannot be used.
        """
        if not self.place.is_dir():
            self.place.mkdir(mode=0o700)
            self.identity.own(self.place)
        if self.place.stat().st_uid != self.identity.uid:
            raise EngineError(f"{self.place} belongs to another user: start Storyfold as that user or as root")
        foreign = [p.name for p in self.place.iterdir() if not any(p.match(pattern) for pattern in _OWN_FILES)]
        if foreign:
            raise EngineError(
                f"{self.place} holds what Redis did not make ({', '.join(sorted(foreign)[:3])}): move it away"
            )
        clear_leftover(self.place / "redis.pid", self.place, program="redis-server", ours=_OURS, stop=signal.SIGTERM)
        for stale in (*self.place.glob("temp-*"), self._socket):
            stale.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.place),
            "pidfile": str(self.place / "redis.pid"),
            "daemonize": "no",
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "protected-mode": "yes",
            "loglevel": "notice",
            "proc-title-template": f"{{title}} {_OURS} {{listen-addr}}",
        }
        return [str(redis_program()), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def ready(self, pid: int) -> bool:
        """Whether the server has read its file and answers; `pid` is known to live."""
        del pid
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(_ANSWER_SECONDS)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
