"""The work that subscriptions are: drawn when there is something to tell, held while it is told, let go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from storyfold.store.deliveries import PENDING
from storyfold.store.leases import RING_LASTS, Lease, Terms, lease_values
from storyfold.store.tables import Change, Delivery, Subscription

# An endpoint is slow that took longer over its last message, in seconds, or did not take it.
SLOW_SECONDS = 1.0


def draw_due(session: Session, now: datetime, *, limit: int, slow_at_once: int) -> list[int]:
    """Subscriptions with something to tell, those that wait longest first; their doorbells count as rung.

    Of slow ones no more than `slow_at_once` are in hand, so that they leave workers to the others.
    """
    due = select(Subscription.id).where(*_is_due(now)).order_by(Subscription.not_before.nulls_first())
    due = due.order_by(Subscription.id)
    quick = list(session.scalars(due.where(~_is_slow()).limit(limit)))
    slow = list(session.scalars(due.where(_is_slow()).limit(min(limit, slow_at_once))))
    if slow:
        slow = slow[: max(0, slow_at_once - _slow_in_hand(session, now))]
    drawn = [*slow, *quick][:limit]
    if drawn:
        session.execute(update(Subscription).where(Subscription.id.in_(drawn)).values(rung_until=now + RING_LASTS))
    return drawn


def is_slow(subscription: Subscription) -> bool:
    """The same as `draw_due` goes by."""
    return subscription.error_streak > 0 or (subscription.last_seconds or 0) > SLOW_SECONDS


def hold(session: Session, subscription_id: int, terms: Terms) -> tuple[Subscription, Lease] | None:
    """Hold a subscription that may be sent to, or None: another holds it, it is paused, waits, or is gone."""
    statement = (
        update(Subscription)
        .where(
            Subscription.id == subscription_id,
            Subscription.paused_at.is_(None),
            Subscription.lease_token.is_(None),
            or_(Subscription.not_before.is_(None), Subscription.not_before <= terms.now),
        )
        .values(**lease_values(terms))
        .returning(Subscription)
    )
    subscription = session.scalars(statement).one_or_none()
    if subscription is None or subscription.lease_token is None:
        return None
    return subscription, Lease(subscription.id, subscription.lease_token, subscription.attempts)


def held(session: Session, lease: Lease) -> Subscription | None:
    """The subscription, where the lease still stands; locked until the commit."""
    query = select(Subscription).where(Subscription.id == lease.id, Subscription.lease_token == lease.token)
    return session.scalars(query.with_for_update()).one_or_none()


def let_go(subscription: Subscription) -> None:
    """Give the lease back."""
    subscription.lease_token = subscription.leased_until = subscription.rung_until = None


def make_due(session: Session, subscription_id: int, now: datetime) -> None:
    """All that waits for its next try is due."""
    waiting = update(Delivery).where(Delivery.subscription_id == subscription_id, PENDING)
    session.execute(waiting.values(next_attempt_at=now))


def _is_due(now: datetime) -> list[ColumnElement[bool]]:
    waits = exists().where(
        Delivery.subscription_id == Subscription.id,
        PENDING,
        Delivery.next_attempt_at <= now,
    )
    return [
        Subscription.paused_at.is_(None),
        Subscription.lease_token.is_(None),
        or_(Subscription.rung_until.is_(None), Subscription.rung_until < now),
        or_(Subscription.not_before.is_(None), Subscription.not_before <= now),
        or_(Subscription.seen < select(func.max(Change.cursor)).scalar_subquery(), waits),
    ]


def _is_slow() -> ColumnElement[bool]:
    return or_(Subscription.error_streak > 0, func.coalesce(Subscription.last_seconds, 0) > SLOW_SECONDS)


def _slow_in_hand(session: Session, now: datetime) -> int:
    in_hand = or_(Subscription.lease_token.is_not(None), Subscription.rung_until >= now)
    return session.scalar(select(func.count()).select_from(Subscription).where(in_hand, _is_slow())) or 0
