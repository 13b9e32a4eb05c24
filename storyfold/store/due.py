"""Which links are due: drawn for doorbells, fair to all hosts, and looked up by those who go on with a host."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from storyfold.store.direct import Statement
from storyfold.store.leases import RING_LASTS
from storyfold.store.tables import Fate, Link, Stage

# How far into the queue of due links the draw looks for hosts to be fair to.
FAIR_DRAW_DEPTH = 5000

# As it stands in the partial indexes: with a parameter in its place, a prepared statement would not use them.
PENDING = Link.fate == literal_column(f"'{Fate.PENDING}'")


def draw_due(session: Session, stage: Stage, now: datetime, *, limit: int, per_host: int | None = None) -> list[int]:
    """Due links of a stage, longest due first, at most `per_host` of one host; their doorbells count as rung.

    Only the first `FAIR_DRAW_DEPTH` are looked at: what a longer queue of few hosts hides is `draw_hidden`'s.
    """
    look = (
        select(Link.id, Link.host, Link.next_attempt_at)
        .where(
            PENDING,
            Link.stage == stage,
            Link.next_attempt_at <= now,
            Link.lease_token.is_(None),
            or_(Link.rung_until.is_(None), Link.rung_until < now),
        )
        .order_by(Link.next_attempt_at, Link.id)
        .limit(limit if per_host is None else FAIR_DRAW_DEPTH)
        .subquery()
    )
    in_order = (look.c.next_attempt_at, look.c.id)
    place = func.row_number().over(partition_by=look.c.host, order_by=in_order).label("place")
    due = select(*in_order, place).subquery()
    fair = select(due.c.id).order_by(due.c.next_attempt_at, due.c.id).limit(limit)
    if per_host is not None:
        fair = fair.where(due.c.place <= per_host)
    return ring(session, list(session.scalars(fair)), now)


def suspects(session: Session, link_ids: Sequence[int]) -> set[int]:
    """Those of these links that lost a worker before, or whose batch failed: they are not held with others."""
    lost = select(Link.id).where(Link.id.in_(link_ids), Link.lost_leases > 0)
    return set(session.scalars(lost)) if link_ids else set()


def is_crowded(session: Session, now: datetime) -> bool:
    """Whether more links are due for a fetch than a draw looks at."""
    due = select(Link.id).where(PENDING, Link.stage == Stage.FETCH, Link.next_attempt_at <= now)
    return session.scalar(due.order_by(Link.next_attempt_at).offset(FAIR_DRAW_DEPTH).limit(1)) is not None


def ring(session: Session, link_ids: Sequence[int], now: datetime) -> list[int]:
    """Note that doorbells for these links are on their way. -> their ids, for the caller to send after commit."""
    if link_ids:
        _RING.rows(session, {"ids": list(link_ids), "until": now + RING_LASTS})
    return list(link_ids)


def next_of_host(session: Session, host: str, now: datetime) -> list[int]:
    """The link of this host that has been due longest, if any: for the worker that has just left the host."""
    asked = {"of_host": host, "at": now, "until": now + RING_LASTS}
    return [id for (id,) in _RING_NEXT_OF_HOST.rows(session, asked)]


class Address(NamedTuple):
    """A pending link, and where its page is."""

    id: int
    url: str
    canonical_url: str
    host: str


def pending_address(session: Session, link_id: int) -> Address | None:
    """That of a link that is pending; None of any other, and of a text without a URL."""
    found = _ADDRESS.any_row(session, {"of_link": link_id})
    return None if found is None else Address._make(found)


def next_address(session: Session, host: str, now: datetime) -> Address | None:
    """That of the link of this host that has been due longest, if any: for the worker that has just left the host.

    The link is locked until the commit.
    """
    found = _NEXT_ADDRESS.any_row(session, {"of_host": host, "at": now})
    return None if found is None else Address._make(found)


# Asked for every link at every stage: built once.
OF_LINK = bindparam("of_link", type_=BigInteger)
AT = bindparam("at", type_=DateTime(timezone=True))
UNTIL = bindparam("until", type_=DateTime(timezone=True))
_RING = Statement(
    update(Link).where(Link.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))).values(rung_until=UNTIL)
)
_ADDRESSED = select(Link.id, Link.url, Link.canonical_url, Link.host)
_ADDRESS = Statement(_ADDRESSED.where(Link.id == OF_LINK, PENDING, Link.host.is_not(None)))
FREE_NOW = (PENDING, Link.next_attempt_at <= AT, Link.lease_token.is_(None))
_NEXT_DUE = (
    _ADDRESSED.where(
        Link.host == bindparam("of_host", type_=Text),
        Link.stage == literal_column("'fetch'"),
        *FREE_NOW,
        or_(Link.rung_until.is_(None), Link.rung_until < AT),
    )
    .order_by(Link.next_attempt_at, Link.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT_ADDRESS = Statement(_NEXT_DUE)
_NEXT_OF_HOST = _NEXT_DUE.with_only_columns(Link.id).scalar_subquery()
_RING_NEXT_OF_HOST = Statement(update(Link).where(Link.id == _NEXT_OF_HOST).values(rung_until=UNTIL).returning(Link.id))
