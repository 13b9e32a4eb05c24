"""How a command finds its installation: the database that is named, or the run on the data directory."""

from __future__ import annotations

import getpass

from sqlalchemy import Engine

from storyfold.embedded import running_urls
from storyfold.errors import EngineError
from storyfold.settings import Settings
from storyfold.store.engine import Sessions, check_connection, make_engine, make_sessions


def join(settings: Settings) -> Sessions:
    """Sessions on the installation's database.

    Raises `EngineError`, saying what to do, where there is none or it does not answer.
    """
    return make_sessions(join_engine(settings))


def join_engine(settings: Settings) -> Engine:
    """The same, for what needs more than sessions."""
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
