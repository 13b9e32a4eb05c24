"""Databases made and dropped on a running PostgreSQL, embedded or not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from storyfold.embedded.urls import libpq_url
from storyfold.errors import EngineError

if TYPE_CHECKING:
    from psycopg.sql import Composed


def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """Make the database `name` on the server that `url` names a database of, and return its URL.

    `template` is copied where it is given; nobody may be connected to it. The role of `url` must be allowed to create
    databases. Raises `EngineError`.
    """
    from psycopg import sql

    # copying files leaves nothing in the buffers that a later DROP would have to look for
    copied = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template)) if template else sql.SQL("")
    _execute(url, sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copied))
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{quote(name)}"))


def drop_database(url: str, name: str) -> None:
    """Drop the database `name` and send its clients away; nothing happens where there is none. Raises `EngineError`."""
    from psycopg import sql

    _execute(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(url: str, statement: Composed) -> None:
    import psycopg

    try:
        with psycopg.connect(libpq_url(url), autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.Error as error:
        raise EngineError(f"{statement.as_string()}: {error}") from error
