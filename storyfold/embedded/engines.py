"""PostgreSQL and Redis on this machine, as the run that needs them sees them."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from storyfold.embedded import urls
from storyfold.embedded.directory import DataDirectory
from storyfold.embedded.lock import DataDirectoryLock, RunningUrls
from storyfold.embedded.logs import log_tail, open_log
from storyfold.embedded.plan import LOG_NAME, Event, Plan
from storyfold.errors import DataDirectoryInUse, EngineError

log = logging.getLogger(__name__)

_SUPERVISORS = 5
"""How many supervisors may be lost in one run."""

_STOP_SECONDS = 90.0
"""Longer than a supervisor takes at worst to stop its engines."""

_NEWS_SECONDS = 330.0
"""Longer than a supervisor takes at worst to say whether the engines are ready."""


class Engines:
    """Holds the data directory and runs the engines in it, from `start` to `stop` or inside a `with`.

    Without `postgres` and `redis` only the directory is held. Both calls are for the process that made the object:
    in a forked child `stop` does nothing.
    """

    def __init__(self, data_dir: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True) -> None:
        self.data_dir = data_dir.resolve()
        self._parts = {"postgres": postgres, "redis": redis}
        self._durable = durable
        self._temporary = False
        self._directory = DataDirectory(self.data_dir)
        self._lock = DataDirectoryLock(self.data_dir)
        self._socket_dir: Path | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._lost = 0
        self._news = b""
        self._pids: dict[str, int] = {}
        self._owner = 0

    @property
    def database_url(self) -> str:
        """For SQLAlchemy. Raises `EngineError` unless PostgreSQL runs."""
        return urls.database_url(self._sockets("postgres"))

    @property
    def redis_url(self) -> str:
        """For redis-py. Raises `EngineError` unless Redis runs."""
        return urls.redis_url(self._sockets("redis"))

    @property
    def broker_url(self) -> str:
        """The same Redis for Celery."""
        return urls.broker_url(self.redis_url)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name (`postgres`, `redis`, `supervisor`), as of the last `start` or `check`."""
        return dict(self._pids)

    def start(self) -> None:
        """Take the data directory and return when the engines answer.

        Raises `DataDirectoryInUse` where another run has the directory, `EngineError` where it or the engines cannot be
        used; then nothing is left running.
        """
        self._owner, self._lost = os.getpid(), 0
        self._directory.open()
        self._lock.acquire()
        try:
            if any(self._parts.values()):
                self._socket_dir = self._directory.make_socket_dir()
                self._supervise()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the engines and give the data directory back. Twice is once."""
        if self._owner != os.getpid():
            return
        if self._supervisor is not None:
            self._end_supervisor(self._supervisor)
        self._supervisor, self._socket_dir, self._pids = None, None, {}
        if self._lock.held:
            self._directory.remove_socket_dir()
        self._lock.release()

    def check(self) -> None:
        """Look after the engines; to be called every few seconds. Raises `EngineError` when they are gone for good.

        The supervisor starts an engine again that crashed; this starts a supervisor again that was killed.
        """
        if self._supervisor is None:
            if any(self._parts.values()):
                raise EngineError("the engines do not run")
            return
        status = self._supervisor.poll()
        for event in self._events():
            self._heed(event)
            log.warning("an engine ended and was started again: see %s", self._directory.log)
        if status is not None:
            self._replace_supervisor(self._supervisor, status)

    def announce(
        self, *, database_url: str | None = None, redis_url: str | None = None, api_url: str | None = None
    ) -> None:
        """Let other commands join this run by `running_urls`. The engines' own addresses need not be given."""
        self._lock.publish(RunningUrls(database_url or self.database_url, redis_url or self.redis_url, api_url))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _sockets(self, part: str) -> Path:
        if not self._parts[part] or self._socket_dir is None:
            raise EngineError(f"no embedded {part} runs here")
        return self._socket_dir

    def _supervise(self) -> None:
        """Start a supervisor and wait until it says that the engines are ready."""
        plan = Plan(
            str(self.data_dir), str(self._socket_dir), **self._parts, durable=self._durable, temporary=self._temporary
        )
        package_root = str(Path(__file__).parents[2])
        output = open_log(self._directory.log, LOG_NAME)
        try:
            self._supervisor = subprocess.Popen(  # noqa: S603 - our own program and arguments
                [sys.executable, "-P", "-m", "storyfold.embedded.supervisor", plan.to_json()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
                pass_fds=(self._lock.fd,),
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")])),
                },
            )
        finally:
            os.close(output)
        self._news = b""
        self._await_ready(self._supervisor)

    def _replace_supervisor(self, supervisor: subprocess.Popen[bytes], status: int) -> None:
        self._lost += 1
        if status == 0:
            raise EngineError("the engines were stopped by a signal to their supervisor")
        if self._lost > _SUPERVISORS:
            raise EngineError(f"the engines' supervisor was lost {self._lost} times: see {self._directory.log}")
        log.error("the engines' supervisor ended with status %s: starting another", status)
        self._end_supervisor(supervisor)
        self._supervise()

    def _await_ready(self, supervisor: subprocess.Popen[bytes]) -> None:
        while True:
            events = self._events(_NEWS_SECONDS)
            for event in events:
                self._heed(event)
                if event.kind == "ready":
                    return
            if not events:
                said = log_tail(self._directory.log, LOG_NAME)
                raise EngineError(f"the engines' supervisor said nothing (exit status {supervisor.poll()}):\n{said}")

    def _heed(self, event: Event) -> None:
        if event.kind == "in-use":
            raise DataDirectoryInUse(event.message)
        if event.kind == "failed":
            raise EngineError(event.message)
        self._pids = event.pids

    def _events(self, seconds: float = 0.0) -> list[Event]:
        """What the supervisor has said since; waits up to `seconds` for the first of it."""
        if self._supervisor is None or self._supervisor.stdout is None:
            return []
        pipe = self._supervisor.stdout.fileno()
        while select.select([pipe], [], [], 0.0 if b"\n" in self._news else seconds)[0]:
            more = os.read(pipe, 65536)
            if not more:
                break
            self._news += more
        *lines, self._news = self._news.split(b"\n")
        return [Event(**json.loads(line)) for line in lines]

    def _end_supervisor(self, supervisor: subprocess.Popen[bytes]) -> None:
        if supervisor.stdin is not None:
            supervisor.stdin.close()
        try:
            supervisor.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.error("the engines' supervisor does not stop: killing it")  # noqa: TRY400 - expected, and told
            supervisor.kill()
            supervisor.wait()
        if supervisor.stdout is not None:
            supervisor.stdout.close()
