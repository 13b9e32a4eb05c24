"""Housekeeping: what has to be there beforehand, and what is kept no longer. Once a day, a small transaction a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storyfold.store import deliveries, pages, receipts, retention, robots
from storyfold.store.engine import Sessions

STEPS_AT_MOST = 10_000
"""Batches of one kind that one day may take: some twenty million rows. What is left is the next day's."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many days things are kept; 0 is for ever."""

    pages: int
    revisions: int
    index: int
    changes: int
    deliveries: int


def prepare_house(session: Session, now: datetime) -> None:
    """What has to be there before anything is stored: called at every start too."""
    pages.ensure_partitions(session, now)


def keep_house(sessions: Sessions, keeping: Keeping, now: datetime) -> None:
    """Make ready for the days to come, and let go what has had its time."""
    with sessions.begin() as session:
        prepare_house(session, now)
        receipts.forget_old(session, now)
        robots.forget_old(session, now)
        deliveries.forget_old(session, now, keeping.deliveries)
    aging: list[tuple[int, Callable[[Session, datetime], bool]]] = [
        (keeping.revisions, retention.forget_revisions),
        (keeping.index, retention.leave_index),
        (keeping.changes, retention.forget_changes),
        (keeping.pages, retention.drop_pages),
    ]
    for days, step in aging:
        if days:
            _until_done(sessions, step, now - timedelta(days=days))


def _until_done(sessions: Sessions, step: Callable[[Session, datetime], bool], before: datetime) -> None:
    for _ in range(STEPS_AT_MOST):
        with sessions.begin() as session:
            if not step(session, before):
                return
