"""Connections to PostgreSQL. Nothing connects on import; whoever opens a session commits it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from psycopg.pq import Format
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from storyfold.errors import EngineError
from storyfold.store.plans import AFRESH

Sessions = sessionmaker[Session]

# For workers: seconds for which a connection that was just given back is taken to be alive. Work that meets a dead one
# is done again; a request would be answered with 503.
WORKERS_PING_AFTER = 1.0

_USED = "storyfold.used"

IN_BINARY = {"storyfold_in_binary": True}
"""Execution options of a statement whose answer is mostly bytes: as text each would be two, written and read back."""


def make_engine(
    database_url: str, *, pool_size: int = 5, overflow: int | None = None, ping_after: float = 0.0
) -> Engine:
    """An engine on `database_url`. Connections that died while they lay idle for `ping_after` seconds or more (a
    restarted server) are noticed before use; one that dies in use fails its transaction, as ever.

    `pool_size` connections stay open once they were needed; `overflow` more, as many again by default, are closed after
    use. The one that was given back last is used first: it has prepared what is asked, and knows the tables."""
    engine = create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=pool_size if overflow is None else overflow,
        pool_use_lifo=True,
        connect_args={"connect_timeout": 5, "application_name": "storyfold"},
    )
    event.listen(engine, "connect", _plan_afresh)
    event.listen(engine, "before_cursor_execute", _ask_in_binary)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_look_after, engine.dialect, ping_after))
    return engine


def _plan_afresh(connection: Any, _record: ConnectionPoolEntry) -> None:
    """Statements are prepared once they are asked often, but planned each time: see `store.plans` for why, and when
    not. It is committed, as a setting goes with the transaction that made it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET plan_cache_mode = {AFRESH}")
    connection.commit()


def _ask_in_binary(
    _connection: Connection, cursor: Any, _statement: str, _values: Any, context: ExecutionContext, _many: bool
) -> None:
    if context.execution_options.keys() & IN_BINARY.keys():
        cursor.format = Format.BINARY


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _look_after(dialect: Dialect, ping_after: float, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that has lain idle whether it still lives; a busy one costs no round trip."""
    idle = time.monotonic() - record.info.get(_USED, float("inf"))
    if ping_after <= idle < float("inf") and not _is_alive(dialect, connection):
        raise DisconnectionError


def _is_alive(dialect: Dialect, connection: Any) -> bool:
    try:
        return bool(dialect.do_ping(connection))
    except dialect.loaded_dbapi.Error:
        return False


def make_sessions(engine: Engine) -> Sessions:
    """Sessions on `engine`. Objects stay readable after commit: the work that uses them holds no transaction."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    event.listen(sessions, "after_commit", _do_after_commit)
    return sessions


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Do this once the session's transaction is committed; never, where it is not.

    A listener of SQLAlchemy's for the one event costs as much as a statement."""
    session.info.setdefault(_AFTER_COMMIT, []).append((session.get_transaction(), act))


def _do_after_commit(session: Session) -> None:
    for transaction, act in session.info.pop(_AFTER_COMMIT, ()):
        if transaction is session.get_transaction():
            act()


_AFTER_COMMIT = "storyfold.after_commit"


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
