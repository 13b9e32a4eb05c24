"""The way of a link through the stages: drawn when due, claimed, advanced, settled, or put off.

Every write of a result names the lease it was made under and does nothing where that lease is no longer held.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from storyfold.store.direct import Statement
from storyfold.store.leases import FREE, RING_LASTS, Lease, Terms, article_is_folded
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


def claim(session: Session, link_id: int, stage: Stage, terms: Terms) -> tuple[Link, Lease] | None:
    """Hold one link that is due at `stage`, or None: another holds it, or there is nothing to do any more."""
    asked = {"of_link": link_id, "at": terms.now, "at_stage": stage, "new_token": uuid4(), "until": terms.until}
    link = session.scalars(_CLAIM_ONE, asked).one_or_none()
    return (link, Lease(link.id, link.lease_token, link.attempts)) if link and link.lease_token else None


def take(session: Session, link_id: int, stage: Stage, terms: Terms) -> Lease | None:
    """The same without reading the link: for who knows it."""
    asked = {"of_link": link_id, "at": terms.now, "at_stage": stage, "new_token": uuid4(), "until": terms.until}
    held = _TAKE_ONE.any_row(session, asked)
    return Lease(*held) if held else None


def claim_suspect(session: Session, stage: Stage, terms: Terms) -> list[Lease]:
    """Hold one link due at `stage` that lost a worker before, or whose batch failed."""
    return _hold(session, _HOLD_SUSPECT, stage, terms, limit=1)


def claim_many(session: Session, stage: Stage, terms: Terms, *, limit: int) -> list[Lease]:
    """Hold up to `limit` links due at `stage`, in order of id. Those that lost a worker before come one by one."""
    return _hold(session, _HOLD_MANY, stage, terms, limit=limit)


def _hold(session: Session, statement: Statement, stage: Stage, terms: Terms, *, limit: int) -> list[Lease]:
    asked = {"at": terms.now, "at_stage": stage, "most": limit, "new_token": uuid4(), "until": terms.until}
    held = sorted(statement.rows(session, asked))
    return [Lease(id, token, attempts) for id, attempts, token in held]


def is_held(session: Session, lease: Lease) -> bool:
    """Whether the lease still stands; locks the link's row until the commit."""
    return _HELD.any_row(session, {"of_link": lease.id, "held": lease.token}) is not None


def advance(session: Session, lease: Lease, to: Stage, now: datetime, *, page_id: int | None = None) -> bool:
    """Hand the link on to its next stage, with `page_id` if there is one: due at once, and its doorbell rung."""
    given = {"of_link": lease.id, "held": lease.token, "to_stage": to, "of_page": page_id}
    return _ADVANCE.any_row(session, {**given, "at": now, "until": now + RING_LASTS}) is not None


def hand_to_folding(session: Session, lease: Lease, now: datetime, *, batch: int, rest: timedelta) -> bool:
    """Hand the link on to be folded. -> whether a doorbell is to be sent for it.

    That is worth its while where nothing else is being digested, or a whole batch waits: a batch costs little more
    than one article. Where a doorbell for another that waits is on its way, it brings this one along. What is not rung
    for here is rung for by the dispatcher, after `rest`.
    """
    given = {"of_link": lease.id, "held": lease.token, "at": now, "until": now + RING_LASTS}
    handed = _HAND_TO_FOLDING.any_row(session, {**given, "rested": now + rest, "batch": batch})
    return bool(handed and handed[0])


def settle(
    session: Session,
    lease: Lease,
    fate: Fate,
    now: datetime,
    *,
    reason: str | None = None,
    detail: str | None = None,
    duplicate_of: int | None = None,
) -> bool:
    """Give the link its fate, in the transaction that stores what it ended in.

    A link whose article is folded stays folded, whatever reading its page again ended in: only the reason is noted.
    """
    final: dict[str, object] = {"fate": fate, "duplicate_of": duplicate_of}
    if fate != Fate.FOLDED:
        final["fate"] = case((article_is_folded(), Fate.FOLDED), else_=fate)
    if duplicate_of is not None:
        final["duplicate_of"] = case((article_is_folded(), null()), else_=duplicate_of)
    blank = {"stage": None, "next_attempt_at": None}
    return _store(session, lease, **FREE, **blank, **final, reason=reason, detail=detail, updated_at=now)


def put_off(
    session: Session, lease: Lease, until: datetime, now: datetime, *, reason: str, detail: str | None = None
) -> bool:
    """Try the same stage again from `until` on."""
    return _store(session, lease, **FREE, next_attempt_at=until, reason=reason, detail=detail, updated_at=now)


def give_back(session: Session, lease: Lease, until: datetime) -> bool:
    """Let the link go without having tried: due again at its host's next turn. The try is not counted."""
    return _store(session, lease, **FREE, next_attempt_at=until, attempts=Link.attempts - 1)


def take_apart(session: Session, leases: Sequence[Lease], now: datetime) -> None:
    """Let a batch go whose work failed as a whole; its links come back one by one (see `claim_many`)."""
    held = [lease.id for lease in leases]
    session.execute(
        update(Link)
        .where(Link.id.in_(held), Link.lease_token == leases[0].token)
        .values(**FREE, lost_leases=func.greatest(Link.lost_leases, 1), attempts=0, next_attempt_at=now)
    )


def wait_for_turn(session: Session, link_id: int, until: datetime) -> None:
    """The host was busy: due again at its next turn. No try was used up.

    Whoever asks has the host's row locked, and whoever has the link's may wait for that: then it is in hand.
    """
    _WAIT_FOR_TURN.rows(session, {"of_link": link_id, "until": until})


def _store(session: Session, lease: Lease, **values: object) -> bool:
    statement = (
        update(Link).where(Link.id == lease.id, Link.lease_token == lease.token).values(**values).returning(Link.id)
    )
    return session.connection().execute(statement).one_or_none() is not None


# Asked for every link at every stage: built once.
_OF_LINK = bindparam("of_link", type_=BigInteger)
_AT = bindparam("at", type_=DateTime(timezone=True))
_UNTIL = bindparam("until", type_=DateTime(timezone=True))
_RING = Statement(
    update(Link).where(Link.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))).values(rung_until=_UNTIL)
)
_ADDRESSED = select(Link.id, Link.url, Link.canonical_url, Link.host)
_ADDRESS = Statement(_ADDRESSED.where(Link.id == _OF_LINK, PENDING, Link.host.is_not(None)))
_UNHELD = select(Link.id).where(Link.id == _OF_LINK, PENDING, Link.lease_token.is_(None))
_WAIT_FOR_TURN = Statement(
    update(Link)
    .where(Link.id == _UNHELD.with_for_update(skip_locked=True).scalar_subquery())
    .values(next_attempt_at=_UNTIL, rung_until=None)
)
_FREE_NOW = (PENDING, Link.next_attempt_at <= _AT, Link.lease_token.is_(None))
_ONE = select(Link.id).where(Link.id == _OF_LINK, Link.stage == bindparam("at_stage", type_=Text), *_FREE_NOW)
_LEASED = {
    "lease_token": bindparam("new_token", type_=Uuid),
    "leased_until": _UNTIL,
    "rung_until": None,
    "attempts": Link.attempts + 1,
}
_LEASE_ONE = update(Link).where(Link.id.in_(_ONE.with_for_update(skip_locked=True).scalar_subquery())).values(**_LEASED)
_CLAIM_ONE = _LEASE_ONE.returning(Link).execution_options(synchronize_session=False, populate_existing=True)
_TAKE_ONE = Statement(_LEASE_ONE.returning(Link.id, Link.lease_token, Link.attempts))
_MANY = select(Link.id).where(Link.stage == bindparam("at_stage", type_=Text), *_FREE_NOW).order_by(Link.id)


def _held_of(waiting: Select[int]) -> Statement:
    chosen = waiting.limit(bindparam("most", type_=BigInteger)).with_for_update(skip_locked=True).scalar_subquery()
    leased = update(Link).where(Link.id.in_(chosen)).values(**_LEASED)
    return Statement(leased.returning(Link.id, Link.attempts, Link.lease_token))


_HOLD_MANY = _held_of(_MANY.where(Link.lost_leases == literal_column("0")))
_HOLD_SUSPECT = _held_of(_MANY.where(Link.lost_leases > literal_column("0")))
_HOLDING = (Link.id == _OF_LINK, Link.lease_token == bindparam("held", type_=Uuid))
_HELD = Statement(select(Link.id).where(*_HOLDING).with_for_update())
_STARTED = {
    "attempts": 0,
    "lost_leases": 0,
    "next_attempt_at": _AT,
    "updated_at": _AT,
    "lease_token": None,
    "leased_until": None,
    "reason": None,
    "detail": None,
}
_ADVANCE = Statement(
    update(Link)
    .where(*_HOLDING)
    .values(
        **_STARTED,
        stage=bindparam("to_stage", type_=Text),
        page_id=func.coalesce(bindparam("of_page", type_=BigInteger), Link.page_id),
        rung_until=_UNTIL,
    )
    .returning(Link.id)
)
_OTHERS = aliased(Link, name="others")
_PENDING_OTHER = (_OTHERS.fate == literal_column(f"'{Fate.PENDING}'"), _OTHERS.id != _OF_LINK)
_DIGESTING = select(_OTHERS.id).where(
    *_PENDING_OTHER, _OTHERS.stage == literal_column(f"'{Stage.DIGEST}'"), _OTHERS.next_attempt_at <= _AT
)
_WAITING = select(_OTHERS.id).where(
    *_PENDING_OTHER, _OTHERS.stage == literal_column(f"'{Stage.FOLD}'"), _OTHERS.lease_token.is_(None)
)
_RESTED = bindparam("rested", type_=DateTime(timezone=True))
_BELL = _WAITING.where(_OTHERS.lost_leases == literal_column("0"), _OTHERS.rung_until > _RESTED)
_BATCH = bindparam("batch", type_=BigInteger)
_WAITING_COUNT = select(func.count()).select_from(_WAITING.limit(_BATCH).subquery()).scalar_subquery()
_HAND_TO_FOLDING = Statement(
    update(Link)
    .where(*_HOLDING)
    .values(
        **_STARTED,
        stage=literal_column(f"'{Stage.FOLD}'"),
        rung_until=case(
            (and_(or_(~_DIGESTING.exists(), 1 + _WAITING_COUNT >= _BATCH), ~_BELL.exists()), _UNTIL),
            else_=_RESTED,
        ),
    )
    .returning(Link.rung_until == _UNTIL)
)
_NEXT_DUE = (
    _ADDRESSED.where(
        Link.host == bindparam("of_host", type_=Text),
        Link.stage == literal_column("'fetch'"),
        *_FREE_NOW,
        or_(Link.rung_until.is_(None), Link.rung_until < _AT),
    )
    .order_by(Link.next_attempt_at, Link.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT_ADDRESS = Statement(_NEXT_DUE)
_NEXT_OF_HOST = _NEXT_DUE.with_only_columns(Link.id).scalar_subquery()
_RING_NEXT_OF_HOST = Statement(
    update(Link).where(Link.id == _NEXT_OF_HOST).values(rung_until=_UNTIL).returning(Link.id)
)
