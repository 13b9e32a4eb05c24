"""Politeness: whose turn it is at a host, kept in PostgreSQL so that it holds across all machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import FateError, HostBusy
from storyfold.store.direct import Statement
from storyfold.store.leases import Lease, Terms
from storyfold.store.tables import Feed, Host, Link, Stage
from storyfold.web.politeness import pause_after, quiet_until

# When a host is at its limit of simultaneous requests, it is looked at again this much later.
FULL_HOST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Politeness:
    """At most `concurrency` requests at once to a host, and `pause` seconds between the starts of two.

    A `pause` of 0 is the choice of somebody who owns the hosts: then only what a host asks for itself
    (``Crawl-delay``, ``Retry-After``) slows its requests down, not what is guessed from its errors.
    """

    concurrency: int
    pause: float


def take_turn(
    session: Session, host: str, now: datetime, politeness: Politeness, *, requests: int = 1, own: int = 0
) -> float:
    """Take the host's next `requests` for a claim in this transaction. -> seconds between two of them.

    The host's row is locked until the commit, so that turns are taken one after the other. `own` of the requests in
    hand are the claim's, where it was made before.

    Raises:
        HostBusy: with the time from which on it is worth asking again.
    """
    row = _lock(session, host) or _first_turn(session, host, now)
    if row.next_request_at > now:
        raise HostBusy("host-pause", f"{host} was asked a moment ago: try again later", retry_at=row.next_request_at)
    if _requests_in_hand(session, host, now) >= politeness.concurrency + own:
        raise HostBusy("host-full", f"{host} answers others: try again later", retry_at=now + FULL_HOST_WAIT)
    pause = max(politeness.pause, float(row.crawl_delay), float(row.pause_seconds))
    if pause > 0:
        set_turn(session, host, now + timedelta(seconds=requests * pause))
    return pause


class _Locked(NamedTuple):
    next_request_at: datetime
    crawl_delay: float
    pause_seconds: float


def _lock(session: Session, host: str) -> _Locked | None:
    row = _LOCKED.any_row(session, {"of_host": host})
    return None if row is None else _Locked._make(row)


def _first_turn(session: Session, host: str, now: datetime) -> _Locked:
    _FIRST.rows(session, {"of_host": host, "at": now})
    row = _lock(session, host)
    assert row is not None  # hosts are never removed while somebody asks for them
    return row


def hold_back(session: Session, host: str, until: datetime) -> None:
    """No request to this host before `until`: it said so."""
    session.execute(
        update(Host).where(Host.host == host).values(next_request_at=func.greatest(Host.next_request_at, until))
    )


def set_turn(session: Session, host: str, at: datetime) -> None:
    """The host's next turn is at that time, whatever was taken before: for who has taken turns and leaves one."""
    session.execute(update(Host).where(Host.host == host).values(next_request_at=at))


def note_answer(session: Session, host: str, error: FateError | None, now: datetime, politeness: Politeness) -> None:
    """Learn from how a request ended: hold back where the host asked for it, lengthen its pause or ease it again."""
    until = quiet_until(error, now)
    if until is not None:
        hold_back(session, host, until)
    if politeness.pause == 0:
        return
    row = session.execute(select(Host.crawl_delay, Host.pause_seconds).where(Host.host == host)).one_or_none()
    if row is None:
        return
    least = max(politeness.pause, row.crawl_delay)
    pause = pause_after(error, max(row.pause_seconds, least), least=least)
    extra = pause if pause > least else 0.0
    if extra != row.pause_seconds:
        session.execute(update(Host).where(Host.host == host).values(pause_seconds=extra))
    if extra > row.pause_seconds:
        hold_back(session, host, now + timedelta(seconds=extra))


def keep_in_hand(session: Session, lease: Lease, terms: Terms) -> bool:
    """Hold a link for longer, since one more request is made for it. -> whether the lease still stood."""
    held = {"of_link": lease.id, "held": lease.token, "until": terms.until}
    return _KEEP_IN_HAND.any_row(session, held) is not None


def _requests_in_hand(session: Session, host: str, now: datetime) -> int:
    """In a statement after the one that locked the host: it sees what who held the lock before has committed."""
    return int(_IN_HAND.row(session, {"of_host": host, "at": now})[0] or 0)


# Asked for every request that is made: built once.
_OF_HOST = bindparam("of_host", type_=Text)
_AT = bindparam("at", type_=DateTime(timezone=True))
_OF_ONE = select(Host.next_request_at, Host.crawl_delay, Host.pause_seconds).where(Host.host == _OF_HOST)
_LOCKED = Statement(_OF_ONE.with_for_update())
_FIRST = Statement(insert(Host).values(host=_OF_HOST, next_request_at=_AT).on_conflict_do_nothing())
_KEEP_IN_HAND = Statement(
    update(Link)
    .where(Link.id == bindparam("of_link", type_=BigInteger), Link.lease_token == bindparam("held", type_=Uuid))
    .values(leased_until=bindparam("until", type_=DateTime(timezone=True)))
    .returning(Link.id)
)
_LINKS_IN_HAND = select(func.count()).where(
    Link.host == _OF_HOST, Link.lease_token.is_not(None), Link.leased_until > _AT, Link.stage == Stage.FETCH
)
_FEEDS_IN_HAND = select(func.count()).where(
    Feed.host == _OF_HOST, Feed.lease_token.is_not(None), Feed.leased_until > _AT, Feed.unread_page_id.is_(None)
)
_IN_HAND = Statement(select(_LINKS_IN_HAND.scalar_subquery() + _FEEDS_IN_HAND.scalar_subquery()))
