"""Subscriptions: made, changed, paused and removed, each act on record."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storyfold.errors import BadInput, NotFound
from storyfold.store import audit, subscription_work
from storyfold.store.changes import last_cursor
from storyfold.store.searches import read_search
from storyfold.store.tables import Act, ChangeKind, Subscription
from storyfold.web.urls import requestable

OLD_SECRET_LASTS = timedelta(hours=24)
"""How long messages are signed by the old secret too, after it was changed for a new one."""

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be told of what. None asks for nothing; the filters are those of `wanted`."""

    url: str
    description: str | None = None
    kinds: Sequence[ChangeKind] = tuple(ChangeKind)
    q: str | None = None
    source: str | None = None
    language: str | None = None
    min_articles: int | None = None
    min_cluster_articles: int | None = None


def make(
    session: Session, wanted: Wanted, actor: str, now: datetime, *, after: int | None = None
) -> tuple[Subscription, str]:
    """Subscribe to the changes after the cursor `after`, or from now on. -> (subscription, its secret).

    Raises:
        BadInput: the URL is none, no kind is asked for, `q` holds no word to look for, or `after` is yet to come.
    """
    last = last_cursor(session)
    if after is not None and after > last:
        raise BadInput("this cursor lies ahead of the log of changes: leave it out to be told from now on")
    secret = _new_secret()
    subscription = Subscription(
        **_checked(session, wanted),
        secret=secret,
        seen=last if after is None else after,
        created_at=now,
        updated_at=now,
    )
    session.add(subscription)
    session.flush()
    _note(session, actor, Act.SUBSCRIPTION_MADE, subscription, now, url=subscription.url)
    return subscription, secret


def get(session: Session, subscription_id: int) -> Subscription:
    """Raises `NotFound`."""
    subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        raise NotFound(f"there is no subscription {subscription_id}")
    return subscription


def list_all(session: Session, *, after_id: int = 0, limit: int = 50) -> list[Subscription]:
    """Subscriptions in the order in which they were made, above `after_id`."""
    query = select(Subscription).where(Subscription.id > after_id).order_by(Subscription.id).limit(limit)
    return list(session.scalars(query))


def change(session: Session, subscription_id: int, wanted: Wanted, actor: str, now: datetime) -> Subscription:
    """Tell somebody else, or of something else, from the next change on. Raises `NotFound` and `BadInput`."""
    subscription = _lock(session, subscription_id)
    before = {name: getattr(subscription, name) for name in asdict(wanted)}
    after = _checked(session, wanted)
    for name, value in after.items():
        setattr(subscription, name, value)
    subscription.updated_at = now
    changed = {name: value for name, value in after.items() if value != before[name]}
    _note(session, actor, Act.SUBSCRIPTION_CHANGED, subscription, now, **changed)
    return subscription


def remove(session: Session, subscription_id: int, actor: str, now: datetime) -> None:
    """Unsubscribe, and forget what was to be delivered. Raises `NotFound`."""
    subscription = _lock(session, subscription_id)
    _note(session, actor, Act.SUBSCRIPTION_REMOVED, subscription, now, url=subscription.url)
    session.delete(subscription)


def pause(session: Session, subscription: Subscription, reason: str, actor: str, now: datetime) -> None:
    """Send nothing any more; what happens meanwhile is told once it is resumed. A second pause changes nothing."""
    if subscription.paused_at is not None:
        return
    subscription.paused_at = now
    subscription.paused_reason = reason
    subscription.updated_at = now
    _note(session, actor, Act.SUBSCRIPTION_PAUSED, subscription, now, reason=reason)


def pause_by_hand(session: Session, subscription_id: int, reason: str, actor: str, now: datetime) -> Subscription:
    """Raises `NotFound`."""
    subscription = _lock(session, subscription_id)
    pause(session, subscription, reason, actor, now)
    return subscription


def resume(session: Session, subscription_id: int, actor: str, now: datetime) -> Subscription:
    """Send again, at once, whatever waits: also what waits for its next try. Raises `NotFound`."""
    subscription = _lock(session, subscription_id)
    subscription.paused_at = subscription.paused_reason = None
    subscription.error_streak = 0
    subscription.failing_since = subscription.not_before = subscription.last_error = None
    subscription.updated_at = now
    subscription_work.make_due(session, subscription_id, now)
    _note(session, actor, Act.SUBSCRIPTION_RESUMED, subscription, now)
    return subscription


def rotate_secret(session: Session, subscription_id: int, actor: str, now: datetime) -> tuple[Subscription, str]:
    """A new secret, and the old one beside it for `OLD_SECRET_LASTS`. Raises `NotFound`."""
    subscription = _lock(session, subscription_id)
    subscription.old_secret = subscription.secret
    subscription.old_secret_until = now + OLD_SECRET_LASTS
    subscription.secret = _new_secret()
    subscription.updated_at = now
    _note(session, actor, Act.SECRET_ROTATED, subscription, now)
    return subscription, subscription.secret


def secrets_of(subscription: Subscription, now: datetime) -> list[str]:
    """What messages are signed with, the newest first."""
    until = subscription.old_secret_until
    old = [subscription.old_secret] if subscription.old_secret and until and until > now else []
    return [subscription.secret, *old]


def _lock(session: Session, subscription_id: int) -> Subscription:
    query = select(Subscription).where(Subscription.id == subscription_id).with_for_update()
    subscription = session.scalars(query).one_or_none()
    if subscription is None:
        raise NotFound(f"there is no subscription {subscription_id}")
    return subscription


def _checked(session: Session, wanted: Wanted) -> dict[str, Any]:
    if not wanted.kinds:
        raise BadInput("a subscription asks for at least one kind of change")
    if wanted.q is not None and not read_search(session, wanted.q).readings:
        raise BadInput(f"{wanted.q!r} holds no word to look for")
    kinds = [kind.value for kind in ChangeKind if kind in wanted.kinds]
    return asdict(wanted) | {"url": requestable(wanted.url).url, "kinds": kinds}


def _note(session: Session, actor: str, act: Act, subscription: Subscription, now: datetime, **detail: object) -> None:
    audit.record(session, actor, act, f"subscription/{subscription.id}", detail, now)


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
