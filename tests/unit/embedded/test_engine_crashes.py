"""What `kill -9` does to engines, to their supervisor and to their run. All processes are real."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
from engine_runs import SECONDS, Run, family, kill, redis_client, sql, still_alive, wait_until

from storyfold.embedded import Engines, TemporaryEngines, libpq_url, running_urls
from storyfold.embedded.binaries import postgres_program
from storyfold.errors import DataDirectoryInUse, EngineError

Launch = Callable[..., Run]


def test_a_killed_run_leaves_no_process_socket_or_lock(data_dir: Path, launch: Launch) -> None:
    run = launch(data_dir)
    processes = family(run)
    run.process.kill()
    assert not still_alive(processes)
    assert not (data_dir / "run").exists()
    assert running_urls(data_dir) is None


def test_engines_end_with_their_run_although_a_child_of_it_lives_on(data_dir: Path) -> None:
    engines = Engines(data_dir, redis=False)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # a run whose own child, forked without exec, keeps the pipe to the supervisor open
        engines.start()
        grandchild = os.fork()
        if grandchild == 0:
            signal.pause()
        os.write(writer, f"{engines.pids['supervisor']} {grandchild}".encode())
        signal.pause()
    supervisor, grandchild = map(int, os.read(reader, 100).split())
    processes = [psutil.Process(supervisor), *psutil.Process(supervisor).children(recursive=True)]
    kill(child)
    os.waitpid(child, 0)
    try:
        assert not still_alive(processes)
        assert psutil.pid_exists(grandchild)
    finally:
        kill(grandchild)
        os.close(reader)
        os.close(writer)


def test_a_run_can_follow_a_killed_one_at_once(data_dir: Path, launch: Launch) -> None:
    launch(data_dir).process.kill()
    with Engines(data_dir) as engines:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]


def test_killing_every_process_loses_no_committed_row_and_no_key(data_dir: Path, launch: Launch) -> None:
    run = launch(data_dir)
    sql(run.told["database_url"], "CREATE TABLE kept (n int)")
    with redis_client(run.told["redis_url"]) as client:
        for n in range(20):
            sql(run.told["database_url"], f"INSERT INTO kept VALUES ({n})")
            client.rpush("kept", n)
    processes = [psutil.Process(run.process.pid), *family(run)]
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # PostgreSQL's own processes go with it
            process.kill()
    run.process.wait()
    assert not still_alive(processes)
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        assert sql(engines.database_url, "SELECT count(*) FROM kept") == [(20,)]
        assert client.llen("kept") == 20


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_a_killed_postgresql_is_back_with_its_rows(data_dir: Path, busy: bool) -> None:
    with Engines(data_dir, redis=False) as engines:
        sql(engines.database_url, "CREATE TABLE kept AS SELECT 1 AS n")
        before = engines.pids["postgres"]
        with psycopg.connect(libpq_url(engines.database_url)) as client:
            worker = threading.Thread(target=_count_to_a_billion, args=(client,))
            if busy:
                worker.start()
            kill(before)
            wait_until(lambda: engines.check() or engines.pids["postgres"] != before)
            assert sql(engines.database_url, "SELECT n FROM kept") == [(1,)]
            if busy:
                worker.join()


def _count_to_a_billion(client: psycopg.Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        client.execute("SELECT count(*) FROM generate_series(1, 1000000000)")


def test_a_killed_redis_is_back_with_its_keys(data_dir: Path) -> None:
    with Engines(data_dir, postgres=False) as engines, redis_client(engines.redis_url) as client:
        client.set("kept", "1")
        before = engines.pids["redis"]
        kill(before)
        wait_until(lambda: engines.check() or engines.pids["redis"] != before)
        assert client.get("kept") == "1"


def test_an_engine_that_was_stopped_cleanly_by_somebody_else_is_back(data_dir: Path) -> None:
    with Engines(data_dir, redis=False) as engines:
        before = engines.pids["postgres"]
        os.kill(before, signal.SIGINT)
        wait_until(lambda: engines.check() or engines.pids["postgres"] != before)
        assert sql(engines.database_url, "SELECT 1") == [(1,)]


def test_engines_end_with_a_killed_supervisor_and_the_run_starts_another(data_dir: Path) -> None:
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        sql(engines.database_url, "CREATE TABLE kept AS SELECT 1 AS n")
        client.set("kept", "1")
        urls, supervisor = (engines.database_url, engines.redis_url), psutil.Process(engines.pids["supervisor"])
        processes = supervisor.children(recursive=True)
        supervisor.kill()
        assert not still_alive(processes)
        engines.check()
        assert (engines.database_url, engines.redis_url) == urls
        assert sql(engines.database_url, "SELECT n FROM kept") == [(1,)]
        assert client.get("kept") == "1"


def test_a_supervisor_that_was_told_to_end_is_not_replaced(data_dir: Path) -> None:
    with Engines(data_dir, postgres=False) as engines:
        supervisor = psutil.Process(engines.pids["supervisor"])
        processes = [supervisor, *supervisor.children()]
        supervisor.terminate()
        wait_until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes))
        with pytest.raises(EngineError, match="stopped by a signal"):
            engines.check()


def test_an_engine_that_cannot_start_is_given_up_with_its_own_words(data_dir: Path) -> None:
    (data_dir / "redis" / "appendonly.aof").write_text("this is no append-only file\n" * 10)
    with pytest.raises(EngineError, match=r"redis ends as often as it is started(.|\n)*[Bb]ad file format"):
        Engines(data_dir, postgres=False).start()
    assert not (data_dir / "lock").exists()


def test_a_process_id_of_another_process_in_the_pid_file_is_no_hindrance(data_dir: Path) -> None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{data_dir / 'postgres'}\n1\n5432\n\n\n0 0\nready\n")
    with Engines(data_dir, redis=False) as engines:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
    assert psutil.pid_exists(os.getpid())


@pytest.fixture
def stray(data_dir: Path, ordinary_user: dict[str, object]) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a PostgreSQL on the data directory that no supervisor looks after."""

    def start(*options: str) -> subprocess.Popen[bytes]:
        place = data_dir / "postgres"
        sockets = data_dir.parent / "s"
        sockets.mkdir()
        process = subprocess.Popen(
            [postgres_program("postgres"), "-D", place, "-k", sockets, *options],
            stderr=subprocess.DEVNULL,
            cwd=place,
            **ordinary_user,
        )
        wait_until(lambda: "ready" in _text(place / "postmaster.pid"))
        return process

    return start


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_an_engine_that_outlived_its_run_is_stopped_first(
    data_dir: Path, stray: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = stray("-c", "listen_addresses=", "-c", "storyfold.supervised=on")
    reaper = threading.Thread(target=process.wait)
    reaper.start()
    with Engines(data_dir, redis=False) as engines:
        assert engines.pids["postgres"] != process.pid
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
    reaper.join(SECONDS)


def test_a_server_somebody_else_runs_on_the_directory_is_left_alone(
    data_dir: Path, stray: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = stray("-c", "listen_addresses=")
    try:
        with pytest.raises(DataDirectoryInUse, match=str(process.pid)):
            Engines(data_dir).start()
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def test_temporary_engines_leave_nothing_when_their_run_is_killed() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        engines = TemporaryEngines(postgres=False)
        engines.start()
        os.write(writer, f"{engines.pids['supervisor']}\n{engines.data_dir}".encode())
        signal.pause()
    supervisor, folder = os.read(reader, 1000).decode().split("\n")
    process = psutil.Process(int(supervisor))
    kill(child)
    os.waitpid(child, 0)
    assert not still_alive([process])
    assert not Path(folder).exists()
    os.close(reader)
    os.close(writer)
