from __future__ import annotations

from pathlib import Path

import pytest
import redis
from kombu import Connection
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from storyfold.embedded.urls import broker_url, database_url, libpq_url, redis_url

ODD = Path("/a b/ü?#&=%25;+")


def test_every_client_reads_the_same_path() -> None:
    url = database_url(ODD, "name")
    assert make_url(url).query["host"] == str(ODD)
    assert conninfo_to_dict(libpq_url(url))["host"] == str(ODD)
    pool = redis.ConnectionPool.from_url(redis_url(ODD, 3))
    assert (pool.connection_kwargs["path"], pool.connection_kwargs["db"]) == (str(ODD / "redis.sock"), 3)


def test_kombu_reads_the_path_and_the_number_of_the_database() -> None:
    with Connection(broker_url(redis_url(ODD, 3))) as connection:
        parameters = connection.transport.Channel._connparams(_channel(connection))
    assert (parameters["path"], parameters["db"]) == (str(ODD / "redis.sock"), 3)


def _channel(connection: Connection) -> object:
    channel = object.__new__(connection.transport.Channel)
    channel.connection = connection.transport
    channel._registered = False
    return channel


@pytest.mark.parametrize("url", ["redis://host:6379/1", "rediss://:secret@host/0", "redis+socket:///a?virtual_host=1"])
def test_an_address_kombu_knows_stays_as_it_is(url: str) -> None:
    assert broker_url(url) == url


def test_a_url_that_is_no_sqlalchemy_url_stays_as_it_is() -> None:
    assert libpq_url("postgresql://u@h/d") == "postgresql://u@h/d"
