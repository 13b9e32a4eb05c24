"""Leases: how one worker at a time holds a piece of work, and how work comes back when its worker dies.

A claim commits at once with a fresh token; the result is stored only where that token still stands. Work whose lease
ran out is freed by `sweep` and rung for again. Work that lost its worker `LOST_LEASES_ALLOWED` times is given up: it
is what kills them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Update, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from storyfold.store.tables import Article, Fate, Feed, Link, Subscription

LOST_LEASES_ALLOWED = 2

# A doorbell sent is believed in for this long; then the work is rung for again.
RING_LASTS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to store the result of one piece of work. `id` is the link's or the feed's."""

    id: int
    token: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Terms:
    """How long leases are given for, and from when."""

    now: datetime
    seconds: float

    @property
    def until(self) -> datetime:
        return self.now + timedelta(seconds=self.seconds)


def lease_values(terms: Terms) -> dict[str, object]:
    """The columns a claim sets. `attempts` counts the claim at once: a worker that dies has used its try."""
    return {"lease_token": uuid4(), "leased_until": terms.until, "rung_until": None}


FREE = {"lease_token": None, "leased_until": None, "rung_until": None}


def article_is_folded() -> ColumnElement[bool]:
    """Of a link: whether it has an article in a story, so that its page is only being read again."""
    return select(Article.id).where(Article.link_id == Link.id, Article.cluster_id.is_not(None)).exists()


@dataclass(frozen=True, slots=True)
class Lost:
    """Work whose lease ran out: a link, a feed or a subscription (`kind`). `given_up`: it is not tried again."""

    kind: str
    id: int
    given_up: bool = False


def sweep(session: Session, now: datetime) -> list[Lost]:
    """Free all work whose lease ran out by `now`; give up the links that lost their worker too often."""
    held = Link.lease_token.is_not(None)  # what the index of work in hand is about
    links = _free_links(now).where(held, Link.leased_until < now).returning(Link.id, Link.fate != Fate.PENDING)
    feeds = _free_feeds().where(Feed.leased_until < now).returning(Feed.id)
    subscriptions = update(Subscription).where(Subscription.lease_token.is_not(None), Subscription.leased_until < now)
    connection = session.connection()
    lost = [Lost("link", id, given_up) for id, given_up in connection.execute(links)]
    lost += [Lost("feed", id) for id in connection.scalars(feeds)]
    freed = connection.scalars(subscriptions.values(**FREE).returning(Subscription.id))
    return [*lost, *(Lost("subscription", id) for id in freed)]


def release_all(session: Session) -> None:
    """Free every lease and forget every doorbell: for a start that knows no worker of before can be alive.

    Stopping a run is no worker's fault: it does not count as a lease lost.
    """
    session.execute(update(Link).where(Link.fate == Fate.PENDING).values(**FREE))
    session.execute(update(Feed).where(or_(Feed.lease_token.is_not(None), Feed.rung_until.is_not(None))).values(**FREE))
    session.execute(update(Subscription).values(**FREE))


def _free_links(now: datetime) -> Update:
    lost = Link.lost_leases + 1
    given_up = lost >= LOST_LEASES_ALLOWED
    return update(Link).values(
        **FREE,
        lost_leases=lost,
        updated_at=now,
        fate=case((given_up & article_is_folded(), Fate.FOLDED), (given_up, Fate.FAILED), else_=Link.fate),
        stage=case((given_up, None), else_=Link.stage),
        next_attempt_at=case((given_up, None), else_=Link.next_attempt_at),
        reason=case((given_up, "killed-worker"), else_=Link.reason),
        detail=case(
            (given_up, func.concat("its worker died or hung ", lost, " times while at stage ", Link.stage)),
            else_=Link.detail,
        ),
    )


def _free_feeds() -> Update:
    """A body that has cost its readers too often is dropped; the feed itself is polled on."""
    lost = Feed.lost_leases + 1
    deadly = and_(Feed.unread_page_id.is_not(None), lost >= LOST_LEASES_ALLOWED)
    return update(Feed).values(
        **FREE,
        lost_leases=case((deadly, 0), else_=lost),
        unread_page_id=case((deadly, None), else_=Feed.unread_page_id),
        error=case((deadly, "killed-worker: its body cost its readers too much"), else_=Feed.error),
    )
