"""The process between a run and its engines: `python -m storyfold.embedded.supervisor PLAN`.

It starts the engines, starts one again that crashed, and stops them when the run says so or is gone: its standard input
is a pipe whose other end the run holds, so the end of the run, however it came, is the end of that pipe. Should this
process be killed itself, the kernel ends the engines (Linux), and the run starts another supervisor.

It has one thread, so that code of its own may run between `fork` and `exec`, and a session of its own, so that a
terminal's Ctrl-C reaches the run alone, which then stops things in their order.

What it has to tell goes to standard output, one JSON object a line: `Event`.
"""

from __future__ import annotations

import json
import logging
import os
import select
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from storyfold.embedded import linux
from storyfold.embedded.binaries import postgres_program, redis_program
from storyfold.embedded.directory import DataDirectory, unusable
from storyfold.embedded.identity import Identity, choose_identity
from storyfold.embedded.logs import bound_log
from storyfold.embedded.plan import LOG_NAME, Event, Plan
from storyfold.embedded.postgresql import PostgresEngine
from storyfold.embedded.redis_server import RedisEngine
from storyfold.embedded.supervised import Engine, Supervised, end_orphans
from storyfold.errors import DataDirectoryInUse, EngineError

log = logging.getLogger("storyfold.embedded")

_WATCHING, _STARTING = 0.5, 0.02
"""Seconds between two looks at the engines: when all are ready, and while one is not."""

_LOGS_EVERY = 10.0
_START_SECONDS = 300.0
"""The longest recovery after a crash that is waited for at a start."""


class Supervisor:
    """Runs `plan` until its parent is gone or says stop."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._directory = DataDirectory(Path(plan.data_dir))
        self._engines: list[Supervised] = []
        self._parent = os.getppid()
        self._terminated = False
        self._announced: dict[str, int] = {}

    def run(self) -> int:
        """The exit status: 0 after a stop, 1 when an engine was given up."""
        try:
            self._engines = [Supervised(engine, self._directory.log) for engine in self._make_engines()]
            self._watch()
        except DataDirectoryInUse as error:
            self._say(Event("in-use", str(error)))
        except EngineError as error:
            log.error("%s", error)  # noqa: TRY400 - a message for people, not a fault of this program
            self._say(Event("failed", str(error)))
        except OSError as error:
            self._say(Event("failed", str(unusable(self._directory.root, error))))
        else:
            return 0
        finally:
            self._stop()
        return 1

    def terminate(self, *_: object) -> None:
        """Stop as if the parent were gone."""
        self._terminated = True

    def _make_engines(self) -> list[Engine]:
        plan, programs = self._plan, []
        if plan.postgres:
            programs += [postgres_program("postgres"), postgres_program("initdb")]
        if plan.redis:
            programs.append(redis_program())
        identity = self._take_identity(programs)
        # Redis first: it starts while PostgreSQL's directory is made
        kinds = ([RedisEngine] if plan.redis else []) + ([PostgresEngine] if plan.postgres else [])
        return [kind(self._directory, Path(plan.socket_dir), identity, plan.durable) for kind in kinds]

    def _take_identity(self, programs: list[Path]) -> Identity:
        identity = choose_identity(self._directory.root, programs)
        if os.geteuid() == 0:
            self._directory.hand_over(identity.uid, identity.gid)
            identity.own(Path(self._plan.socket_dir))
        log.info("engines run as %s", identity.name)
        return identity

    def _watch(self) -> None:
        started, logs_at = time.monotonic(), 0.0
        while True:
            now = time.monotonic()
            self._tick(now)
            ready = all(engine.ready for engine in self._engines)
            if ready:
                self._announce()
            elif not self._announced and now - started > _START_SECONDS:
                waiting = ", ".join(engine.engine.name for engine in self._engines if not engine.ready)
                raise EngineError(
                    f"{waiting} was not ready within {_START_SECONDS:.0f} seconds: see {self._directory.log}"
                )
            if now >= logs_at:
                self._bound_logs()
                logs_at = now + _LOGS_EVERY
            if self._parent_gone(_WATCHING if ready else _STARTING):
                return

    def _tick(self, now: float) -> None:
        for engine in self._engines:
            before = engine.process
            engine.tick(now)
            if before is not None and engine.process is None:
                end_orphans({other.process.pid for other in self._engines if other.process})

    def _announce(self) -> None:
        pids = {engine.engine.name: engine.process.pid for engine in self._engines if engine.process}
        pids["supervisor"] = os.getpid()
        if pids != self._announced:
            self._announced = pids
            self._say(Event("ready", pids=self._announced))

    def _parent_gone(self, seconds: float) -> bool:
        """Wait up to `seconds` for the end of the run. A child of it may hold the pipe too, so its id counts too."""
        readable, _, _ = select.select([sys.stdin], [], [], seconds)
        ended = bool(readable) and not os.read(sys.stdin.fileno(), 1)
        return ended or self._terminated or os.getppid() != self._parent

    def _bound_logs(self) -> None:
        for name in (LOG_NAME, *(engine.engine.name for engine in self._engines)):
            bound_log(self._directory.log, name)

    def _say(self, event: Event) -> None:
        try:
            sys.stdout.write(json.dumps(asdict(event)) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self.terminate()

    def _stop(self) -> None:
        for engine in self._engines:
            engine.ask_to_stop()
        for engine in self._engines:
            engine.stop()
        self._directory.remove_socket_dir()
        if self._plan.temporary:
            shutil.rmtree(self._directory.root, ignore_errors=True)


def main() -> None:
    """Run the plan given as the first argument."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    supervisor = Supervisor(Plan(**json.loads(sys.argv[1])))
    signal.signal(signal.SIGTERM, supervisor.terminate)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if linux.AVAILABLE:
        linux.adopt_orphans()
    sys.exit(supervisor.run())


if __name__ == "__main__":
    main()
