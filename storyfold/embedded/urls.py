"""The addresses under which one pair of engines is known to SQLAlchemy, libpq, redis-py and kombu."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

DATABASE = "storyfold"
"""Name of the database, and of the role that owns it."""

POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"

_SQLALCHEMY = "postgresql+psycopg://"


def database_url(socket_dir: Path, name: str = DATABASE) -> str:
    """The database `name` as SQLAlchemy wants it."""
    return f"{_SQLALCHEMY}{DATABASE}@/{quote(name)}?host={quote(str(socket_dir), safe='')}"


def libpq_url(url: str) -> str:
    """The same database as `psycopg.connect`, `psql` and `pg_dump` want it."""
    return url.replace(_SQLALCHEMY, "postgresql://", 1)


def redis_url(socket_dir: Path, number: int = 0) -> str:
    """The Redis database `number` as redis-py wants it."""
    return f"unix://{quote(str(socket_dir / REDIS_SOCKET))}?db={number}"


def broker_url(url: str) -> str:
    """A redis-py URL as kombu and Celery want it: they know sockets under another scheme, the rest is the same."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"
