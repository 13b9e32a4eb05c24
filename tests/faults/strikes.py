"""Everything that can happen to a running installation: each fault by name, done to real processes."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

import psutil
import redis
from running import Service, kill

from storyfold.embedded import running_urls
from workers.app import CPU_QUEUES, NETWORK_QUEUES

Strike = Callable[[Service, Random], None]

# Longer than a lease of a test's run lasts, so that the work of a process that hangs has gone to another when it wakes.
HANGS_SECONDS = 14.0


def _looked_at(process: psutil.Process) -> tuple[str, list[str]]:
    """Its name and its command line; nothing of one that has just ended."""
    try:
        return process.name(), process.cmdline()
    except psutil.NoSuchProcess:
        return "", []


def _of_role(service: Service, *words: str) -> list[psutil.Process]:
    return [process for process in service.processes() if _looked_at(process)[1][-len(words) :] == list(words)]


def _mains(service: Service, *words: str) -> list[psutil.Process]:
    """The processes of this role that are no fork of another of the role."""
    return _without_forks(_of_role(service, *words))


def _kill_one(processes: Iterable[psutil.Process], random: Random) -> None:
    processes = list(processes)
    if processes:
        kill([random.choice(processes)])


def cpu_child(service: Service, random: Random) -> None:
    """One of the processes that parse and fold, in the middle of an article."""
    mains = {process.pid for process in _mains(service, "workers", "cpu")}
    _kill_one((p for p in _of_role(service, "workers", "cpu") if p.pid not in mains), random)


def cpu_worker(service: Service, random: Random) -> None:
    _kill_one(_mains(service, "workers", "cpu"), random)


def network_worker(service: Service, random: Random) -> None:
    _kill_one(_mains(service, "workers", "network"), random)


def network_worker_hangs(service: Service, random: Random) -> None:
    """It wakes when its leases have run out, with results that nobody waits for any more."""
    for process in _mains(service, "workers", "network"):
        _unless_gone(process.suspend)
        _later(HANGS_SECONDS, process.resume)


def beat(service: Service, random: Random) -> None:
    _kill_one(_mains(service, "workers", "beat"), random)


def api(service: Service, random: Random) -> None:
    _kill_one(_mains(service, "api"), random)


def supervisor(service: Service, random: Random) -> None:
    """The process that starts and watches the engines; they end with it."""
    found = [p for p in service.processes() if "storyfold.embedded.supervisor" in _looked_at(p)[1]]
    _kill_one(found, random)


def up(service: Service, random: Random) -> None:
    """`storyfold up` alone; all it started ends by itself, and it is started again."""
    assert service.process is not None
    left = service.processes()
    service.process.kill()
    service.process.wait()
    psutil.wait_procs(left, timeout=60)
    service.start()


def everything(service: Service, random: Random) -> None:
    """As if the power had failed."""
    service.kill()
    service.start()


def postgres_crashes(service: Service, random: Random) -> None:
    _kill_one(_postmasters(service), random)


def postgres_backend_crashes(service: Service, random: Random) -> None:
    """One of its processes: PostgreSQL then ends them all, and recovers."""
    mains = {process.pid for process in _postmasters(service)}
    _kill_one((p for p in _engines(service, "postgres") if _parent(p) in mains), random)


def postgres_stops(service: Service, random: Random) -> None:
    """Cleanly: it sends its clients away, and is started again."""
    for process in _postmasters(service):
        _unless_gone(partial(process.send_signal, signal.SIGINT))


def redis_crashes(service: Service, random: Random) -> None:
    _kill_one(_engines(service, "redis-server"), random)


def redis_stops(service: Service, random: Random) -> None:
    for process in _engines(service, "redis-server"):
        _unless_gone(process.terminate)


def redis_hangs(service: Service, random: Random) -> None:
    for process in _engines(service, "redis-server"):
        _unless_gone(process.suspend)
        _later(3.0, process.resume)


def redis_is_flushed(service: Service, random: Random) -> None:
    with _redis(service) as client:
        client.flushall()


def messages_are_shuffled(service: Service, random: Random) -> None:
    """Those that wait, in every queue: the last may come first."""
    with _redis(service) as client:
        for queue in (*NETWORK_QUEUES, *CPU_QUEUES):
            waiting = client.lrange(queue, 0, -1)
            random.shuffle(waiting)
            with client.pipeline() as pipeline:
                for message in waiting:
                    pipeline.lrem(queue, 1, message)
                    pipeline.lpush(queue, message)
                pipeline.execute()


def messages_come_again(service: Service, random: Random) -> None:
    """Those that wait, once more behind all others."""
    with _redis(service) as client:
        for queue in (*NETWORK_QUEUES, *CPU_QUEUES):
            for message in client.lrange(queue, 0, -1):
                client.lpush(queue, message)


STRIKES: dict[str, Strike] = {
    strike.__name__.replace("_", " "): strike
    for strike in (
        cpu_child,
        cpu_worker,
        network_worker,
        network_worker_hangs,
        beat,
        api,
        supervisor,
        up,
        everything,
        postgres_crashes,
        postgres_backend_crashes,
        postgres_stops,
        redis_crashes,
        redis_stops,
        redis_hangs,
        redis_is_flushed,
        messages_are_shuffled,
        messages_come_again,
    )
}


def _engines(service: Service, name: str) -> list[psutil.Process]:
    return [process for process in service.processes() if _looked_at(process)[0] == name]


def _postmasters(service: Service) -> list[psutil.Process]:
    return _without_forks(_engines(service, "postgres"))


def _without_forks(found: list[psutil.Process]) -> list[psutil.Process]:
    """Those that none of the others has started."""
    ids = {process.pid for process in found}
    return [process for process in found if _parent(process) not in ids]


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return 0


@contextmanager
def _redis(service: Service) -> Iterator[redis.Redis]:
    """Redis, where it answers; where it does not, what was to be done to it is done to nobody."""
    running = running_urls(service.data_dir)
    if running is None:
        return
    client = redis.Redis.from_url(running.redis_url, socket_timeout=10)
    with client, contextlib.suppress(redis.RedisError):
        yield client


def _unless_gone(act: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        act()


def _later(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, lambda: _unless_gone(act))
    timer.daemon = True
    timer.start()
