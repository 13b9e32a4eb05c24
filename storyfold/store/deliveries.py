"""Deliveries: what each subscription is owed, in the order of the change log, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.errors import NotFound
from storyfold.store import audit
from storyfold.store.messages import TEST, blank_message, change_message, new_message_id, trial_message
from storyfold.store.tables import Act, Change, Delivered, Delivery, Story, Subscription
from storyfold.store.wanted import select_wanted, standing_stories

WINDOW = 200
"""Changes gone through at once."""

# As it stands in the partial index: with a parameter in its place, a prepared statement would not use it.
PENDING = Delivery.state == literal_column(f"'{Delivered.PENDING}'")

TRIES_KEPT = 20
"""Tries of a delivery that are remembered, the last ones."""


def gather(session: Session, subscription: Subscription, now: datetime) -> bool:
    """Go through the next changes of the log, and note those to be told. -> whether there were any changes.

    How far the log was gone through stands in the same transaction: nothing is left out and nothing noted twice.
    """
    query = select(Change).where(Change.cursor > subscription.seen).order_by(Change.cursor).limit(WINDOW)
    changes = session.scalars(query).all()
    if not changes:
        return False
    rows = [
        {
            "subscription_id": subscription.id,
            "change_cursor": change.cursor,
            "kind": change.kind,
            "story_id": change.story_id,
            "message_id": new_message_id(),
            "body": change_message(change, story),
            "next_attempt_at": now,
            "changed_at": change.at,
            "created_at": now,
        }
        for change, story in select_wanted(session, subscription, changes)
    ]
    if rows:
        session.execute(insert(Delivery).on_conflict_do_nothing(), rows)
    subscription.seen = changes[-1].cursor
    return True


def next_due(session: Session, subscription_id: int, now: datetime) -> Delivery | None:
    """The first that is due; what waits for its next try is passed by."""
    query = (
        select(Delivery)
        .where(
            Delivery.subscription_id == subscription_id,
            PENDING,
            Delivery.next_attempt_at <= now,
        )
        .order_by(Delivery.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def note_try(delivery: Delivery, tried: dict[str, Any]) -> None:
    """Remember how a try went."""
    delivery.tries = [*delivery.tries, tried][-TRIES_KEPT:]


def add_trial(session: Session, subscription_id: int, now: datetime) -> Delivery:
    """Note a message that tells of no change, to see whether it arrives."""
    delivery = Delivery(
        subscription_id=subscription_id,
        kind=TEST,
        message_id=new_message_id(),
        body=trial_message(now),
        state=Delivered.PENDING,
        attempts=0,
        tries=[],
        next_attempt_at=now,
        changed_at=now,
        created_at=now,
    )
    session.add(delivery)
    session.flush()
    return delivery


def get(session: Session, subscription_id: int, delivery_id: int) -> Delivery:
    """Raises `NotFound`."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.subscription_id != subscription_id:
        raise NotFound(f"subscription {subscription_id} has no delivery {delivery_id}")
    return delivery


def list_log(
    session: Session,
    subscription_id: int,
    *,
    state: Delivered | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """The delivery log, newest first, below `before_id`."""
    query = select(Delivery).where(Delivery.subscription_id == subscription_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    return list(session.scalars(query.order_by(Delivery.id.desc()).limit(limit)))


def count_pending(session: Session, subscription_ids: Sequence[int]) -> dict[int, int]:
    """How many deliveries each of these subscriptions is still owed, of what was gathered."""
    query = (
        select(Delivery.subscription_id, func.count())
        .where(Delivery.subscription_id.in_(subscription_ids), PENDING)
        .group_by(Delivery.subscription_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def replay(session: Session, subscription_id: int, delivery_id: int, actor: str, now: datetime) -> Delivery:
    """Deliver once more, whatever became of it. Raises `NotFound`."""
    delivery = get(session, subscription_id, delivery_id)
    _again(session, [delivery.id], now)
    session.refresh(delivery)
    _note_replay(session, subscription_id, {"delivery": str(delivery_id)}, actor, now)
    return delivery


def replay_range(
    session: Session,
    subscription_id: int,
    actor: str,
    now: datetime,
    *,
    since: datetime,
    until: datetime | None = None,
    state: Delivered | None = None,
) -> int:
    """Deliver once more what tells of changes from `since` on and before `until`. -> how many.

    What is pending stays as it is.
    """
    query = select(Delivery.id).where(
        Delivery.subscription_id == subscription_id,
        ~PENDING,
        Delivery.changed_at >= since,
        Delivery.change_cursor.is_not(None),
    )
    if until is not None:
        query = query.where(Delivery.changed_at < until)
    if state is not None:
        query = query.where(Delivery.state == state)
    ids = list(session.scalars(query))
    _again(session, ids, now)
    detail = {"since": since.isoformat(), "until": until and until.isoformat(), "deliveries": len(ids)}
    _note_replay(session, subscription_id, detail, actor, now)
    return len(ids)


def telling_of(session: Session, story_id: int) -> list[int]:
    """Ids of the deliveries whose messages show this story: of its own changes, and of those merged into it."""
    ids: list[int] = [story_id]
    found: Sequence[int] = ids
    while found:
        found = session.scalars(select(Story.id).where(Story.merged_into.in_(found), Story.id.not_in(ids))).all()
        ids += found
    return list(session.scalars(select(Delivery.id).where(Delivery.story_id.in_(ids))))


def retell(session: Session, delivery_ids: Sequence[int]) -> None:
    """Write the messages anew, by what is left of their stories: after a takedown nobody is sent what was taken down,
    and no log holds it."""
    query = select(Delivery, Change).join(Change, Change.cursor == Delivery.change_cursor, isouter=True)
    rows = session.execute(query.where(Delivery.id == func.any(list(delivery_ids)))).all()
    stories = standing_stories(session, {change.story_id for _, change in rows if change is not None})
    for delivery, change in rows:
        if change is None:  # the log is not kept for ever
            delivery.body = blank_message(delivery.body)
        else:
            delivery.body = change_message(change, stories.get(change.story_id))


def forget_old(session: Session, now: datetime, days: int) -> None:
    """Remove from the log what was settled, and noted longer than so many days ago."""
    old = Delivery.created_at < now - timedelta(days=days)
    session.execute(delete(Delivery).where(old, ~PENDING))


def _again(session: Session, ids: Sequence[int], now: datetime) -> None:
    fresh = {"state": Delivered.PENDING, "attempts": 0, "next_attempt_at": now, "delivered_at": None}
    session.execute(update(Delivery).where(Delivery.id == func.any(ids)).values(fresh))


def _note_replay(session: Session, subscription_id: int, detail: dict[str, Any], actor: str, now: datetime) -> None:
    audit.record(session, actor, Act.SUBSCRIPTION_REPLAYED, f"subscription/{subscription_id}", detail, now)
