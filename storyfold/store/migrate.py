"""Schema migrations by Alembic, run from code: no configuration file, no second reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from storyfold.store.tables import metadata

# Any number of processes may start at once; one migrates, the others wait and find it done.
_MIGRATION_LOCK = 7_305_001
_PARTITION_PREFIX = "pages_"


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema. Safe to call from many processes at once, and again and again."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), "head")


def differences(connection: Connection) -> list[Any]:
    """What the declared tables have that the database lacks, and the reverse; empty where both are equal."""
    context = MigrationContext.configure(
        connection,
        opts={"include_object": include_object, "compare_type": True, "compare_server_default": True},
    )
    return list(compare_metadata(context, metadata))


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001
    """Alembic's filter: the monthly partitions of `pages` are made as time goes by, not by migrations."""
    table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
    return not (table or "").startswith(_PARTITION_PREFIX)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
