"""Figures of feeds: what each has brought, and how all of them are doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import Session

from storyfold.store.tables import Feed, Link

WEEK = timedelta(days=7)
WEEKS_BEFORE = 4

# Polls in a row that failed, from which on a feed counts as failing (as in `feeds.health`).
FAILING_AFTER = 3


@dataclass(frozen=True, slots=True)
class Volume:
    """Links that a feed brought in the last seven days, and a week on average in the four weeks before those.

    `before` is null for a feed that has not been watched for two weeks: there is no past to speak of.
    """

    last_week: int
    before: float | None


def volume(session: Session, feed: Feed, now: datetime) -> Volume:
    """What a feed brings, held against its own past."""
    begin = now - WEEK
    past = select(func.count()).where(Link.feed_id == feed.id, Link.created_at >= begin - WEEKS_BEFORE * WEEK)
    total = session.scalar(past) or 0
    recent = session.scalar(past.where(Link.created_at >= begin)) or 0
    weeks = min((begin - feed.created_at) / WEEK, WEEKS_BEFORE)
    return Volume(recent, round((total - recent) / weeks, 1) if weeks >= 1 else None)


@dataclass(frozen=True, slots=True)
class Census:
    """All feeds: how many there are, are due, fail, are paused; how late the latest poll is, in seconds; and how late
    the 95th of 100 are, as a share of their intervals."""

    watched: int
    due: int
    failing: int
    paused: int
    latest_seconds: float
    lag_p95: float


def census(session: Session, now: datetime) -> Census:
    """Look at every feed; some milliseconds for 10,000."""
    late = func.greatest(func.extract("epoch", now - Feed.next_poll_at), 0.0)
    interval = cast(Feed.schedule["interval"].astext, Float)
    share = case((Feed.paused, None), else_=late / func.greatest(interval, 1.0))
    polled = ~Feed.paused
    query = select(
        func.count(),
        func.count().filter(polled, Feed.next_poll_at <= now),
        func.count().filter(polled, Feed.error_streak >= FAILING_AFTER),
        func.count().filter(Feed.paused),
        func.coalesce(func.max(late).filter(polled), 0.0),
        func.coalesce(func.percentile_cont(0.95).within_group(share), 0.0),
    ).select_from(Feed)
    watched, due, failing, paused, latest, p95 = session.execute(query).one()
    return Census(watched, due, failing, paused, float(latest), float(p95))
