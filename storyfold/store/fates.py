"""Fates: how many links came to each."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyfold.store.tables import Fate, Link


def count_fates(session: Session) -> dict[Fate, int]:
    """Links by fate; fates that no link has are left out. Reads an index, not the table."""
    query = select(Link.fate, func.count()).group_by(Link.fate)
    return {Fate(fate): count for fate, count in session.execute(query)}
