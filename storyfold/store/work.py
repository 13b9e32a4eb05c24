"""The way of a link through the stages: claimed when due (see `due`), advanced, settled, or put off.

Every write of a result names the lease it was made under and does nothing where that lease is no longer held.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    Text,
    Uuid,
    and_,
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
from storyfold.store.due import AT, FREE_NOW, OF_LINK, PENDING, UNTIL
from storyfold.store.leases import FREE, RING_LASTS, Lease, Terms, article_is_folded
from storyfold.store.tables import Fate, Link, Stage


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
_UNHELD = select(Link.id).where(Link.id == OF_LINK, PENDING, Link.lease_token.is_(None))
_WAIT_FOR_TURN = Statement(
    update(Link)
    .where(Link.id == _UNHELD.with_for_update(skip_locked=True).scalar_subquery())
    .values(next_attempt_at=UNTIL, rung_until=None)
)
_ONE = select(Link.id).where(Link.id == OF_LINK, Link.stage == bindparam("at_stage", type_=Text), *FREE_NOW)
_LEASED = {
    "lease_token": bindparam("new_token", type_=Uuid),
    "leased_until": UNTIL,
    "rung_until": None,
    "attempts": Link.attempts + 1,
}
_LEASE_ONE = update(Link).where(Link.id.in_(_ONE.with_for_update(skip_locked=True).scalar_subquery())).values(**_LEASED)
_CLAIM_ONE = _LEASE_ONE.returning(Link).execution_options(synchronize_session=False, populate_existing=True)
_TAKE_ONE = Statement(_LEASE_ONE.returning(Link.id, Link.lease_token, Link.attempts))
_MANY = select(Link.id).where(Link.stage == bindparam("at_stage", type_=Text), *FREE_NOW).order_by(Link.id)


def _held_of(waiting: Select[int]) -> Statement:
    chosen = waiting.limit(bindparam("most", type_=BigInteger)).with_for_update(skip_locked=True).scalar_subquery()
    leased = update(Link).where(Link.id.in_(chosen)).values(**_LEASED)
    return Statement(leased.returning(Link.id, Link.attempts, Link.lease_token))


_HOLD_MANY = _held_of(_MANY.where(Link.lost_leases == literal_column("0")))
_HOLD_SUSPECT = _held_of(_MANY.where(Link.lost_leases > literal_column("0")))
_HOLDING = (Link.id == OF_LINK, Link.lease_token == bindparam("held", type_=Uuid))
_HELD = Statement(select(Link.id).where(*_HOLDING).with_for_update())
_STARTED = {
    "attempts": 0,
    "lost_leases": 0,
    "next_attempt_at": AT,
    "updated_at": AT,
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
        rung_until=UNTIL,
    )
    .returning(Link.id)
)
_OTHERS = aliased(Link, name="others")
_PENDING_OTHER = (_OTHERS.fate == literal_column(f"'{Fate.PENDING}'"), _OTHERS.id != OF_LINK)
_DIGESTING = select(_OTHERS.id).where(
    *_PENDING_OTHER, _OTHERS.stage == literal_column(f"'{Stage.DIGEST}'"), _OTHERS.next_attempt_at <= AT
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
            (and_(or_(~_DIGESTING.exists(), 1 + _WAITING_COUNT >= _BATCH), ~_BELL.exists()), UNTIL),
            else_=_RESTED,
        ),
    )
    .returning(Link.rung_until == UNTIL)
)
