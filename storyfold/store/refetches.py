"""Refetches: articles whose page is fetched again, since their feed announces a change or a person asked.

The link is pending again while that happens; its article stays where it is. What its refetch ends in can add a
revision, and never takes the article away (see `store.work.settle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Update, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from storyfold.errors import Conflict
from storyfold.store.leases import FREE
from storyfold.store.links import get_link
from storyfold.store.tables import Fate, Link, Stage

# A page is left alone for this long after it was last read, and twice as long each time its entry has changed: a live
# blog is read again within minutes, and a feed that stamps its entries anew with every poll costs its site little.
FIRST_WAIT = timedelta(minutes=5)
MOST_DOUBLINGS = 9  # 43 hours


def note_entries(session: Session, feed_id: int, digests: Mapping[int, str], now: datetime) -> list[int]:
    """Note what a feed says of the links it announced before. -> those whose entry has changed, to be fetched again.

    A link listens to one feed: the one that brought it, or the first that named it after somebody else handed it in.
    """
    said = {row.id: row for row in _heard(session, feed_id, digests) if row.entry_digest != digests[row.id]}
    changed = [row for row in said.values() if row.entry_digest is not None]
    again = {row.duplicate_of or row.id for row in changed if row.fate in {Fate.FOLDED, Fate.DUPLICATE}}
    # A page that is being read may be the old one: its entry counts as changed until the page is read again.
    busy = {row.id for row in changed if row.fate == Fate.PENDING and row.stage != Stage.FETCH}
    _keep(session, feed_id, {id: digests[id] for id in sorted(said.keys() - busy)})
    return _start(session, sorted(again), now)


def refetch_link(session: Session, link_id: int, now: datetime) -> Link:
    """Have the page of a folded link fetched again, due at once.

    Raises:
        NotFound: there is no such link.
        Conflict: it is not folded, or was handed in without a URL.
    """
    link = session.scalars(_again(now).where(Link.id == link_id, *_CAN_BE).returning(Link)).one_or_none()
    if link is None:
        known = get_link(session, link_id).link
        why = f"is {known.fate}" if known.url else "has no URL"
        raise Conflict(f"link {link_id} {why}: only the page of a folded link can be fetched again")
    return link


def redigest_links(session: Session, link_ids: Sequence[int], now: datetime) -> list[int]:
    """Have folded links read again from the pages they have. -> those that will be."""
    if not link_ids:
        return []
    readable = (Link.fate == Fate.FOLDED, Link.page_id.is_not(None))
    statement = _again(now, Stage.DIGEST).where(Link.id.in_(sorted(link_ids)), *readable)
    return sorted(session.scalars(statement.returning(Link.id)))


_CAN_BE = (Link.fate == Fate.FOLDED, Link.url.is_not(None))


def _start(session: Session, link_ids: Sequence[int], now: datetime) -> list[int]:
    if not link_ids:
        return []
    doublings = func.least(Link.refetches, MOST_DOUBLINGS, type_=Integer)
    not_before = Link.updated_at + FIRST_WAIT * func.power(2, doublings)
    statement = _again(now).values(next_attempt_at=func.greatest(now, not_before), refetches=Link.refetches + 1)
    return sorted(session.scalars(statement.where(Link.id.in_(link_ids), *_CAN_BE).returning(Link.id)))


def _again(now: datetime, stage: Stage = Stage.FETCH) -> Update:
    blank: dict[str, Any] = {"reason": None, "detail": None, "attempts": 0, "lost_leases": 0}
    return update(Link).values(**FREE, **blank, fate=Fate.PENDING, stage=stage, next_attempt_at=now, updated_at=now)


def _heard(session: Session, feed_id: int, digests: Mapping[int, str]) -> Sequence[Any]:
    """Those of the links that listen to the feed."""
    query = select(Link.id, Link.entry_digest, Link.fate, Link.stage, Link.duplicate_of).where(
        Link.id.in_(sorted(digests)), or_(Link.feed_id == feed_id, Link.feed_id.is_(None))
    )
    return session.execute(query).all() if digests else []


def _keep(session: Session, feed_id: int, digests: Mapping[int, str]) -> None:
    if digests:
        statement = update(Link).where(Link.id == bindparam("link"))
        statement = statement.values(feed_id=feed_id, entry_digest=bindparam("digest"))
        rows = [{"link": id, "digest": digest} for id, digest in digests.items()]
        session.connection().execute(statement, rows)
