"""Runs of engines in processes that can be killed, and how the tests look at them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg
import redis

from storyfold.embedded import libpq_url

SECONDS = 20.0

RUN = """
import json, sys, time
from pathlib import Path
from storyfold.embedded import Engines
from storyfold.errors import EngineError
engines = Engines(Path(sys.argv[1]))
try:
    with engines:
        engines.announce(api_url="http://127.0.0.1:1/")
        urls = {"database_url": engines.database_url, "redis_url": engines.redis_url}
        print(json.dumps(urls | {"pids": engines.pids}), flush=True)
        for line in sys.stdin:
            engines.check()
            print(json.dumps(engines.pids), flush=True)
except EngineError as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}), flush=True)
"""


@dataclass
class Run:
    """A process that runs engines; `told` is what it printed when they were ready, or its error."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    @property
    def pids(self) -> dict[str, int]:
        return self.told["pids"]

    def check(self) -> dict[str, int]:
        """Have the run look after its engines; the process ids it knows then."""
        self.process.stdin.write("check\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.communicate(timeout=SECONDS)


def family(run: Run) -> list[psutil.Process]:
    """The supervisor, the engines and all their processes."""
    supervisor = psutil.Process(run.pids["supervisor"])
    return [supervisor, *supervisor.children(recursive=True)]


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Which of `processes` do not end within some seconds."""
    return psutil.wait_procs(processes, timeout=SECONDS)[1]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def wait_until(holds: Callable[[], object]) -> None:
    """Return as soon as `holds()`; fail when it does not in time."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def sql(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement in a transaction of its own; its rows."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def redis_client(url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(url, decode_responses=True)
    try:
        yield client
    finally:
        client.close()
