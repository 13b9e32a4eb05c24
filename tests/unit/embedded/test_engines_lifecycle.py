from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil
import psycopg
import pytest
from engine_runs import redis_client, sql, still_alive
from kombu import Connection

from storyfold.embedded import Engines, TemporaryEngines, libpq_url, running_urls
from storyfold.errors import EngineError


def processes_of(engines: Engines) -> list[psutil.Process]:
    supervisor = psutil.Process(engines.pids["supervisor"])
    return [supervisor, *supervisor.children(recursive=True)]


def test_engines_make_their_data_directory_and_answer(tmp_path: Path) -> None:
    with Engines(tmp_path / "not" / "there" / "yet") as engines, redis_client(engines.redis_url) as client:
        assert sql(engines.database_url, "SELECT current_database()") == [("storyfold",)]
        assert client.ping()


def test_rows_and_keys_are_there_after_a_clean_stop(data_dir: Path) -> None:
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        sql(engines.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        client.set("kept", "42")
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        assert sql(engines.database_url, "SELECT answer FROM kept") == [(42,)]
        assert client.get("kept") == "42"


def test_a_stop_leaves_no_process_socket_or_lock(data_dir: Path) -> None:
    with Engines(data_dir) as engines:
        engines.announce()
        processes = processes_of(engines)
    assert not still_alive(processes)
    assert sorted(p.name for p in data_dir.iterdir()) == ["log", "postgres", "redis", "storyfold-data"]
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_stop_does_not_wait_for_clients(data_dir: Path) -> None:
    with Engines(data_dir) as engines:
        client = psycopg.connect(libpq_url(engines.database_url))
        client.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")
    client.close()


def test_engines_listen_on_no_network_address(data_dir: Path) -> None:
    with Engines(data_dir) as engines:
        assert not any(process.net_connections(kind="inet") for process in processes_of(engines))


def test_only_the_owner_may_enter_the_folder_of_the_sockets(data_dir: Path) -> None:
    with Engines(data_dir):
        assert (data_dir / "run").stat().st_mode & 0o077 == 0


def test_postgresql_commits_to_disk_and_knows_unicode_whatever_the_system_does(data_dir: Path) -> None:
    with Engines(data_dir, redis=False) as engines:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert sql(engines.database_url, f"SHOW {setting}") == [("on",)]
        assert sql(engines.database_url, "SELECT lower('ÄÖÜ МОСКВА')") == [("äöü москва",)]
        assert sql(engines.database_url, "SELECT to_tsvector('simple', 'ÄRGER')::text") == [("'ärger':1",)]
        assert sql(engines.database_url, "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'") == [(1,)]


def test_redis_writes_down_what_it_holds_and_never_throws_any_of_it_away(data_dir: Path) -> None:
    with Engines(data_dir, postgres=False) as engines, redis_client(engines.redis_url) as client:
        asked = {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "port": "0",
        }
        assert {name: client.config_get(name)[name] for name in asked} == asked


def test_a_message_goes_through_the_broker_address(data_dir: Path) -> None:
    with Engines(data_dir, postgres=False) as engines, Connection(engines.broker_url) as connection:
        queue = connection.SimpleQueue("doorbell")
        queue.put({"id": 7})
        message = queue.get(timeout=10)
        message.ack()
        assert message.payload == {"id": 7}
        queue.close()


@pytest.mark.parametrize("name", ["with space", 'comma,quote"percent%25', "ünïcode", "d" * 120])
def test_any_path_can_be_a_data_directory(initialised: Path, tmp_path: Path, name: str) -> None:
    data_dir = Path(shutil.copytree(initialised, tmp_path / name))
    with Engines(data_dir) as engines, redis_client(engines.redis_url) as client:
        assert sql(engines.database_url, "SELECT 1") == [(1,)]
        assert client.ping()
        with Connection(engines.broker_url) as connection:
            connection.ensure_connection(max_retries=1)


def test_an_engine_that_is_not_wanted_is_not_run(data_dir: Path) -> None:
    with Engines(data_dir, redis=False) as engines:
        assert sorted(engines.pids) == ["postgres", "supervisor"]
        with pytest.raises(EngineError, match="no embedded redis"):
            _ = engines.redis_url


def test_without_engines_the_directory_is_held_all_the_same(tmp_path: Path) -> None:
    with Engines(tmp_path / "var", postgres=False, redis=False) as engines:
        engines.announce(database_url="postgresql://elsewhere/a", redis_url="redis://elsewhere/0")
        engines.check()
        assert running_urls(tmp_path / "var") == ("postgresql://elsewhere/a", "redis://elsewhere/0", None)


def test_stopping_twice_is_stopping_once(data_dir: Path) -> None:
    engines = Engines(data_dir)
    engines.start()
    engines.stop()
    engines.stop()
    with pytest.raises(EngineError, match="do not run"):
        engines.check()


def test_a_forked_child_cannot_stop_the_engines(data_dir: Path) -> None:
    with Engines(data_dir, redis=False) as engines:
        engines.announce(redis_url="redis://elsewhere/0")
        child = os.fork()
        if child == 0:
            engines.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert running_urls(data_dir) is not None
        assert sql(engines.database_url, "SELECT 1") == [(1,)]


def test_temporary_engines_leave_nothing() -> None:
    with TemporaryEngines() as engines:
        folder = engines.data_dir
        assert sql(engines.database_url, "SELECT current_setting('fsync')") == [("off",)]
        processes = processes_of(engines)
    assert not folder.exists()
    assert not still_alive(processes)


def test_a_database_is_made_as_a_copy_of_a_template_and_dropped() -> None:
    with TemporaryEngines(redis=False) as engines:
        template = engines.create_database("template-ä")
        sql(template, "CREATE TABLE t AS SELECT 1 AS n")
        copy = engines.create_database("copy", template="template-ä")
        assert sql(copy, "SELECT n FROM t") == [(1,)]
        engines.drop_database("copy")
        engines.drop_database("copy")
        with pytest.raises(EngineError, match="already exists"):
            engines.create_database("template-ä")
