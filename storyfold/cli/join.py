"""How a command finds its installation: the database that is named, or the run on the data directory."""

from __future__ import annotations

import getpass

from sqlalchemy import Engine

from storyfold.embedded import running_urls
from storyfold.errors import EngineError
from storyfold.settings import Settings
from storyfold.store.engine import Sessions, check_connection, make_engine, make_sessions
from storyfold.store.schema import is_migrated


def join(settings: Settings) -> Sessions:
    """Sessions on the installation's database.

    Raises `EngineError`, saying what to do, where there is none, it does not answer, or its schema is another.
    """
    return make_sessions(join_migrated(settings))


def join_migrated(settings: Settings) -> Engine:
    """The same, for what needs more than sessions."""
    engine = join_engine(settings)
    if not is_migrated(engine):
        engine.dispose()
        raise EngineError("the schema is not at the newest revision: run `storyfold migrate` (or `up`) first")
    return engine


def join_engine(settings: Settings) -> Engine:
    """The same, whatever its schema: for what looks after that."""
    url = settings.database_url or _running(settings)
    engine = make_engine(url, pool_size=2)
    check_connection(engine)
    return engine


def actor() -> str:
    """Whoever is logged in, in the words of the audit trail; a container may have users without a name."""
    try:
        return f"command line {getpass.getuser()}"
    except (KeyError, OSError):
        return "command line"


def _running(settings: Settings) -> str:
    running = running_urls(settings.data_dir)
    if running is None:
        raise EngineError(
            f"nothing runs on {settings.data_dir.resolve()}: start it with `storyfold up`, let STORYFOLD_DATA_DIR name "
            "the folder of a running one, or set STORYFOLD_DATABASE_URL"
        )
    return running.database_url
