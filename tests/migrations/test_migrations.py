"""The migrations produce exactly the declared tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from storyfold.store.engine import make_engine
from storyfold.store.migrate import differences, migrate
from storyfold.store.schema import is_migrated


def test_migrations_produce_the_declared_tables(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


def test_a_missing_column_is_noticed(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE feeds DROP COLUMN etag")
        assert differences(connection) != []
    engine.dispose()


def test_migrating_from_many_processes_at_once_is_migrating_once(engines: object, database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate(engine), range(4)))
    assert is_migrated(engine)
    engine.dispose()
