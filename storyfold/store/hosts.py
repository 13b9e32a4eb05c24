"""Politeness: whose turn it is at a host, kept in PostgreSQL so that it holds across all machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import HostBusy
from storyfold.store.tables import Feed, Host, Link, Stage

# When a host is at its limit of simultaneous requests, it is looked at again this much later.
FULL_HOST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Politeness:
    """At most `concurrency` requests at once to a host, and `pause` seconds between the starts of two."""

    concurrency: int
    pause: float


def take_turn(session: Session, host: str, now: datetime, politeness: Politeness) -> None:
    """Take the host's next request for the claim that follows in this transaction.

    The host's row is locked until the commit, so that turns are taken one after the other.

    Raises:
        HostBusy: with the time from which on it is worth asking again.
    """
    session.execute(insert(Host).values(host=host, next_request_at=now).on_conflict_do_nothing())
    row = session.scalars(select(Host).where(Host.host == host).with_for_update()).one()
    if row.next_request_at > now:
        raise HostBusy("host-pause", retry_at=row.next_request_at)
    if _requests_in_hand(session, host, now) >= politeness.concurrency:
        raise HostBusy("host-full", retry_at=now + FULL_HOST_WAIT)
    row.next_request_at = now + timedelta(seconds=max(politeness.pause, row.pause_seconds))


def hold_back(session: Session, host: str, until: datetime) -> None:
    """No request to this host before `until`: it said so."""
    session.execute(
        update(Host).where(Host.host == host).values(next_request_at=func.greatest(Host.next_request_at, until))
    )


def _requests_in_hand(session: Session, host: str, now: datetime) -> int:
    links = select(func.count()).where(
        Link.host == host, Link.lease_token.is_not(None), Link.leased_until > now, Link.stage == Stage.FETCH
    )
    feeds = select(func.count()).where(Feed.host == host, Feed.lease_token.is_not(None), Feed.leased_until > now)
    return int((session.scalar(links) or 0) + (session.scalar(feeds) or 0))
