"""Which schema the code wants, and whether the database stands there. Asked again and again, so without Alembic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text


def is_migrated(engine: Engine) -> bool:
    """Whether the database stands at the newest schema."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return False
        stands_at: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stands_at == newest_revision()


@cache
def newest_revision() -> str:
    """The newest migration: their files are named by number, and the number is the revision."""
    versions = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*_*.py")
    return max(version.name.partition("_")[0] for version in versions)
