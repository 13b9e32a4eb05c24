"""Feeds: keeping them, drawing the due ones, storing what a poll found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import uuid4

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from storyfold.errors import NotFound
from storyfold.store import audit
from storyfold.store.leases import FREE, RING_LASTS, Lease, Terms
from storyfold.store.tables import Act, Feed
from storyfold.web.urls import requestable


def add_feed(session: Session, url: str, host: str, now: datetime) -> tuple[Feed, bool]:
    """Watch a feed, due at once. -> (feed, whether it is new)."""
    statement = insert(Feed).values(url=url, host=host, next_poll_at=now, created_at=now)
    created = session.scalars(statement.on_conflict_do_nothing(index_elements=["url"]).returning(Feed)).one_or_none()
    if created is not None:
        return created, True
    return session.scalars(select(Feed).where(Feed.url == url)).one(), False


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed to be watched from `first_poll_at` on; `outline` is what the list that named it said of it."""

    url: str
    host: str
    first_poll_at: datetime
    title: str | None = None
    home_url: str | None = None
    outline: dict[str, object] | None = None


def add_feeds(session: Session, new: Sequence[NewFeed], now: datetime) -> list[tuple[int, bool]]:
    """Watch feeds. -> (id, whether it is new) in the order given. What is watched already stays as it is."""
    by_url = {feed.url: feed for feed in reversed(new)}
    created: set[str] = set()
    for urls in _in_parts(sorted(by_url)):
        values = [_values(by_url[url], now) for url in urls]
        added = insert(Feed).values(values).on_conflict_do_nothing(index_elements=["url"]).returning(Feed.url)
        created.update(session.scalars(added))
    ids: dict[str, int] = {}
    for urls in _in_parts(sorted(by_url)):
        found = session.execute(select(Feed.url, Feed.id).where(Feed.url.in_(urls)))
        ids |= {row.url: row.id for row in found}
    return [(ids[feed.url], _take(created, feed.url)) for feed in new]


def _values(feed: NewFeed, now: datetime) -> dict[str, object]:
    return {
        "url": feed.url,
        "host": feed.host,
        "title": feed.title,
        "home_url": feed.home_url,
        "outline": feed.outline,
        "next_poll_at": feed.first_poll_at,
        "created_at": now,
    }


def _in_parts(urls: list[str]) -> list[list[str]]:
    """PostgreSQL takes 65,535 parameters in one statement."""
    return [urls[start : start + 1_000] for start in range(0, len(urls), 1_000)]


def _take(created: set[str], url: str) -> bool:
    """Whether it is new; what stands twice in a list is new once."""
    if url not in created:
        return False
    created.discard(url)
    return True


def get_feed(session: Session, feed_id: int) -> Feed:
    """Raises `NotFound`."""
    feed = session.get(Feed, feed_id)
    if feed is None:
        raise NotFound(f"there is no feed {feed_id}")
    return feed


def find_feed(session: Session, url: str) -> int | None:
    """The feed that is watched at this address."""
    return session.scalar(select(Feed.id).where(Feed.url == url))


def list_feeds(session: Session, *, after_id: int = 0, limit: int = 50) -> list[Feed]:
    """Feeds in the order they were added, above `after_id`."""
    return list(session.scalars(select(Feed).where(Feed.id > after_id).order_by(Feed.id).limit(limit)))


def remove_feed(session: Session, feed_id: int, actor: str, now: datetime) -> None:
    """Stop watching, and note who wanted it so. The links it brought stay. Raises `NotFound`."""
    url = session.scalar(delete(Feed).where(Feed.id == feed_id).returning(Feed.url))
    if url is None:
        raise NotFound(f"there is no feed {feed_id}")
    audit.record(session, actor, Act.FEED_REMOVED, f"feed/{feed_id}", {"url": url}, now)


def draw_due_feeds(session: Session, now: datetime, *, limit: int, per_host: int) -> list[int]:
    """Due feeds, longest due first, at most `per_host` of one host; their doorbells count as rung."""
    due = (
        select(
            Feed.id,
            Feed.next_poll_at,
            func.row_number().over(partition_by=Feed.host, order_by=(Feed.next_poll_at, Feed.id)).label("place"),
        )
        .where(
            Feed.next_poll_at <= now,
            Feed.paused.is_(False),
            or_(Feed.not_before.is_(None), Feed.not_before <= now),
            Feed.unread_page_id.is_(None),
            Feed.lease_token.is_(None),
            or_(Feed.rung_until.is_(None), Feed.rung_until < now),
        )
        .subquery()
    )
    fair = select(due.c.id).where(due.c.place <= per_host).order_by(due.c.next_poll_at, due.c.id).limit(limit)
    return ring_feeds(session, list(session.scalars(fair)), now)


def ring_feeds(session: Session, feed_ids: list[int], now: datetime) -> list[int]:
    if feed_ids:
        session.execute(update(Feed).where(Feed.id.in_(feed_ids)).values(rung_until=now + RING_LASTS))
    return feed_ids


def draw_unread(session: Session, now: datetime, *, limit: int) -> list[int]:
    """Feeds whose last body waits to be read; their doorbells count as rung."""
    query = (
        select(Feed.id)
        .where(
            Feed.unread_page_id.is_not(None),
            Feed.lease_token.is_(None),
            or_(Feed.rung_until.is_(None), Feed.rung_until < now),
        )
        .order_by(Feed.id)
        .limit(limit)
    )
    return ring_feeds(session, list(session.scalars(query)), now)


def wait_for_turn(session: Session, lease: Lease, until: datetime) -> None:
    """The host was busy: to be drawn again at its next turn. The feed stays due, so that its lag can be seen."""
    held = update(Feed).where(Feed.id == lease.id, Feed.lease_token == lease.token)
    session.connection().execute(held.values(**FREE, not_before=until, attempts=Feed.attempts - 1))


def claim_feed(session: Session, feed_id: int, terms: Terms, *, unread: bool = False) -> tuple[Feed, Lease] | None:
    """Hold a feed that is due (or has an `unread` body), or None: another holds it, it is not due, or it is gone."""
    token = uuid4()
    statement = _CLAIM_UNREAD if unread else _CLAIM_DUE
    asked = {"of_feed": feed_id, "at": terms.now, "new_token": token, "until": terms.until}
    feed = session.scalars(statement, asked).one_or_none()
    return None if feed is None else (feed, Lease(feed.id, token, feed.attempts))


def holds_feed(session: Session, lease: Lease) -> bool:
    """Whether the lease still stands; locks the feed's row until the commit."""
    query = select(Feed.id).where(Feed.id == lease.id, Feed.lease_token == lease.token).with_for_update()
    return session.scalar(query) is not None


def store_poll(session: Session, lease: Lease, **values: object) -> bool:
    """Store what a poll found and let the feed go, where the lease still stands."""
    given = {f"new_{name}": value for name, value in values.items()}
    stored = _storing(tuple(sorted(values)))
    held = session.connection().execute(stored, {"of_feed": lease.id, "held": lease.token, **given})
    return held.one_or_none() is not None


def move_feed(session: Session, lease: Lease, url: str) -> str | None:
    """Give a feed the address it has moved to. -> what is wrong, for a person, where that cannot be."""
    address = requestable(url)
    other = session.scalar(select(Feed.id).where(Feed.url == address.url, Feed.id != lease.id))
    moved = update(Feed).where(Feed.id == lease.id, Feed.lease_token == lease.token)
    try:
        if other is None:
            with session.begin_nested():
                session.execute(moved.values(url=address.url, host=address.host))
    except IntegrityError:  # somebody has just begun to watch it there
        other = session.scalar(select(Feed.id).where(Feed.url == address.url))
    if other is None:
        return None
    return f"it has moved to {address.url}, which is watched as feed {other}: this one can be removed"


# Asked for every poll: built once.
_WAITING = Feed.unread_page_id.is_not(None)
_CLAIM = (
    update(Feed)
    .where(Feed.id == bindparam("of_feed", type_=BigInteger), Feed.lease_token.is_(None))
    .values(
        lease_token=bindparam("new_token", type_=Uuid),
        leased_until=bindparam("until", type_=DateTime(timezone=True)),
        rung_until=None,
        attempts=Feed.attempts + 1,
    )
    .returning(Feed)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_CLAIM_UNREAD = _CLAIM.where(_WAITING)
_DUE = Feed.next_poll_at <= bindparam("at", type_=DateTime(timezone=True))
_CLAIM_DUE = _CLAIM.where(_DUE, Feed.paused.is_(False), ~_WAITING)


@cache
def _storing(names: tuple[str, ...]) -> ReturningUpdate[int]:
    """The statement that stores these columns of a feed and lets it go."""
    columns = Feed.__table__.c
    new = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    held = update(Feed).where(
        Feed.id == bindparam("of_feed", type_=BigInteger), Feed.lease_token == bindparam("held", type_=Uuid)
    )
    return held.values(**FREE, lost_leases=0, not_before=None, **new).returning(Feed.id)
