"""Changes: reading the log of what happened to stories.

Its order is the order of commits and it has no gaps (see `tables.changes`): whoever goes on from the last change seen
misses none.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.store.tables import Change


def list_changes(session: Session, *, after: int = 0, limit: int = 50) -> list[Change]:
    """Changes after the cursor `after`, oldest first; from the beginning by default.

    Raises:
        BadInput: `after` lies ahead of the log, as it does when the database was restored from an older state.
    """
    changes = list(session.scalars(select(Change).where(Change.cursor > after).order_by(Change.cursor).limit(limit)))
    if not changes and after > last_cursor(session):
        raise BadInput("this cursor lies ahead of the log of changes: start again without one")
    return changes


def last_cursor(session: Session) -> int:
    """The cursor of the newest change; 0 where nothing has happened yet."""
    return session.scalar(select(func.max(Change.cursor))) or 0
