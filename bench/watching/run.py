"""How many polls and fetches one machine does, end to end, and how polite it is meanwhile.

    .venv/bin/python -m bench.watching.run [polls|fetches] [--seconds 60] [--workers 1] [--threads 16]

Storyfold's own stages, store and Celery workers on engines started for this, against servers on loopback that take 50
ms to answer. They run in a process of their own, and its CPU time is told apart; ``ms each`` is what workers and
PostgreSQL spent on one. ``polls``: feeds that are due all the time and never change. ``fetches``: links of many hosts,
no pause kept between two requests to a host; what is fetched is not digested here (that is another's CPU). Exits 1
below 150 polls or 100 fetches a second, or where a host saw more than 2 requests at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # for what is started by its path

import psutil  # noqa: E402
from sqlalchemy import text  # noqa: E402

from bench.watching.servers import ETAG, address  # noqa: E402
from storyfold.embedded import TemporaryEngines  # noqa: E402
from storyfold.stages.housekeeping import prepare_house  # noqa: E402
from storyfold.store.engine import Sessions, make_engine, make_sessions  # noqa: E402
from storyfold.store.feeds import NewFeed, add_feeds  # noqa: E402
from storyfold.store.links import NewLink, submit  # noqa: E402
from storyfold.store.migrate import migrate  # noqa: E402

PORT = 18_473
HOSTS = 300
LATENCY = 0.05
WARM_UP = 10.0
PATIENCE = 120
AT_ONCE = 2
LEAST = {"polls": 150.0, "fetches": 100.0}
COUNTED = {"polls": "unchanged", "fetches": "page"}
POLL_EVERY = 15


class Servers:
    """The servers' process. `ask` tells what they saw since they were asked before."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.watching.servers", str(PORT), str(HOSTS), str(LATENCY)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._line()

    def ask(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=sorted(LEAST), help="both without")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1, help="network workers")
    parser.add_argument("--threads", type=int, default=16, help="of each")
    asked = parser.parse_args()
    print(f"{'':8}  a second  at once  CPU seconds: servers  workers  beat  PostgreSQL  Redis   load   ms each")
    passed = [run(what, asked) for what in ([asked.what] if asked.what else sorted(LEAST, reverse=True))]
    sys.exit(0 if all(passed) else 1)


def run(what: str, asked: argparse.Namespace) -> bool:
    servers = Servers()
    try:
        with TemporaryEngines() as engines:
            url = engines.create_database("watching")
            engine = make_engine(url)
            migrate(engine)
            sessions = make_sessions(engine)
            with sessions.begin() as session:
                prepare_house(session, datetime.now(UTC))
            (watch if what == "polls" else hand_in)(sessions, asked.seconds)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
            with _workers(url, engines.redis_url, asked.workers, asked.threads) as processes:
                passed = measure(what, servers, processes, asked.seconds)
            engine.dispose()
    finally:
        servers.close()
    return passed


def watch(sessions: Sessions, _seconds: float) -> None:
    """Feeds as they are after a first poll: their ETag is known, and they are due, spread over one interval."""
    now = datetime.now(UTC)
    count = int(LEAST["polls"] * POLL_EVERY * 1.8)
    new = [NewFeed(f"http://{address(n % HOSTS)}:{PORT}/feed/{n}", address(n % HOSTS), now) for n in range(count)]
    with sessions.begin() as session:
        add_feeds(session, new, now)
        session.execute(
            text(
                "UPDATE feeds SET etag = :etag, body_hash = 'known', last_success = :now, last_polled_at = :now,"
                " schedule = CAST(:schedule AS jsonb), next_poll_at = now() + random() * interval '15 s'"
            ),
            {"etag": ETAG, "now": now, "schedule": json.dumps({"body_at": now.isoformat()})},
        )


def hand_in(sessions: Sessions, seconds: float) -> None:
    """More links than can be fetched, the hosts in turn."""
    now = datetime.now(UTC)
    count = int((seconds + WARM_UP) * 300)
    urls = [(f"http://{address(n % HOSTS)}:{PORT}/page/{n}", address(n % HOSTS)) for n in range(count)]
    for start in range(0, count, 1_000):
        with sessions.begin() as session:
            submit(session, [NewLink(url, url, host) for url, host in urls[start : start + 1_000]], now)


@contextmanager
def _workers(database_url: str, redis_url: str, count: int, threads: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ALLOW_NETWORKS": "127.0.0.0/8",
        "HOST_PAUSE": 0,
        "HOST_CONCURRENCY": AT_ONCE,
        "POLL_MIN": POLL_EVERY,
        "POLL_MAX": POLL_EVERY,
        "NETWORK_THREADS": threads,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STORYFOLD_")}
    environment = inherited | {f"STORYFOLD_{name}": str(value) for name, value in settings.items()}
    roles = ["network"] * count + ["beat"]
    processes = [subprocess.Popen([sys.executable, "-m", "workers", role], cwd=ROOT, env=environment) for role in roles]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def measure(what: str, servers: Servers, processes: list[subprocess.Popen[bytes]], seconds: float) -> bool:
    _wait_for_first(servers)
    time.sleep(WARM_UP)
    before, cpu_before = servers.ask(), _cpu(processes)
    started = time.monotonic()
    time.sleep(seconds)
    after, cpu_after = servers.ask(), _cpu(processes)
    rate = after["answers"].get(COUNTED[what], 0) / (time.monotonic() - started)
    at_once = max(before["most_at_once"], after["most_at_once"])
    spent = {name: cpu_after[name] - cpu_before[name] for name in cpu_after}
    load = os.getloadavg()[0]
    each = 1000 * (spent["workers"] + spent["postgres"]) / max(1, sum(after["answers"].values()))
    print(
        f"{what:8}  {rate:8.1f}  {at_once:7}  {after['cpu'] - before['cpu']:20.1f}  {spent['workers']:7.1f}"
        f"  {spent['beat']:4.1f}  {spent['postgres']:10.1f}  {spent['redis']:5.1f}   {load:4.1f}  {each:5.1f}"
    )
    return rate >= LEAST[what] and at_once <= AT_ONCE


def _wait_for_first(servers: Servers) -> None:
    """Workers take some seconds to start."""
    for _ in range(PATIENCE):
        if servers.ask()["answers"]:
            return
        time.sleep(1)
    raise SystemExit("the workers asked for nothing")


def _cpu(processes: list[subprocess.Popen[bytes]]) -> dict[str, float]:
    """CPU seconds so far of what Storyfold consists of here."""
    engines = psutil.Process().children(recursive=True)
    return {
        "workers": sum(_seconds(psutil.Process(process.pid)) for process in processes[:-1]),
        "beat": _seconds(psutil.Process(processes[-1].pid)),
        "postgres": sum(_seconds(process, "postgres") for process in engines),
        "redis": sum(_seconds(process, "redis") for process in engines),
    }


def _seconds(process: psutil.Process, named: str = "") -> float:
    """0 where it has another name or is gone: PostgreSQL starts and ends processes as it likes."""
    try:
        times = process.cpu_times() if named in process.name() else None
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system if times else 0.0


if __name__ == "__main__":
    main()
