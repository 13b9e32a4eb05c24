"""Connections to PostgreSQL. Nothing connects on import; whoever opens a session commits it."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from storyfold.errors import EngineError

Sessions = sessionmaker[Session]


def make_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """An engine on `database_url`. Dead connections (a restarted server) are noticed before use."""
    return create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "storyfold"},
    )


def make_sessions(engine: Engine) -> Sessions:
    """Sessions on `engine`. Objects stay readable after commit: the work that uses them holds no transaction."""
    return sessionmaker(engine, expire_on_commit=False)


def check_connection(engine: Engine) -> None:
    """Raise `EngineError`, saying what to do, where the database does not answer."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError as error:
        raise EngineError(
            f"PostgreSQL does not answer at {engine.url.render_as_string(hide_password=True)}: {error.orig}. "
            "Start it, or correct STORYFOLD_DATABASE_URL."
        ) from error
