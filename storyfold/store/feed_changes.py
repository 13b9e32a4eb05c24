"""Changing what is watched: a feed's address, the name a person gives it, whether it is polled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storyfold.errors import Conflict
from storyfold.store import audit
from storyfold.store.feeds import find_feed, get_feed
from storyfold.store.leases import FREE
from storyfold.store.tables import Act, Feed


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    host: str


def change_feed(
    session: Session,
    feed_id: int,
    actor: str,
    now: datetime,
    *,
    address: Address | None = None,
    paused: bool | None = None,
    name: str | None = None,
) -> Feed:
    """Change what is given; None leaves it as it is, and an empty `name` takes the name away.

    A feed at a new address, and one that is paused no longer, is due at once. A poll in hand is not stored.

    Raises:
        NotFound: there is no such feed.
        Conflict: another feed is watched at that address.
    """
    feed = get_feed(session, feed_id)
    session.refresh(feed, with_for_update=True)
    changed: dict[str, object] = {}
    if name is not None and (name or None) != feed.name:
        changed["name"] = feed.name = name or None
    if address is not None and address.url != feed.url:
        changed["url"] = address.url
        _move(session, feed, address, now)
    if paused is not None and paused != feed.paused:
        changed["paused"] = feed.paused = paused
        if not paused:
            feed.next_poll_at = now
    if changed:
        audit.record(session, actor, Act.FEED_CHANGED, f"feed/{feed_id}", changed, now)
        session.flush()
    return feed


def _move(session: Session, feed: Feed, address: Address, now: datetime) -> None:
    """Nothing of what the old address said is true of the new one."""
    other = find_feed(session, address.url)
    if other is not None:
        raise Conflict(f"{address.url} is watched already, as feed {other}")
    feed.url, feed.host, feed.next_poll_at = address.url, address.host, now
    feed.etag = feed.last_modified = feed.body_hash = feed.unread_page_id = feed.error = None
    feed.not_before, feed.error_streak = None, 0
    feed.schedule = {key: feed.schedule[key] for key in ("times", "interval") if key in feed.schedule}
    for column, value in FREE.items():
        setattr(feed, column, value)
