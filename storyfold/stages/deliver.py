"""Deliver: tells a subscriber of the next change it is owed.

The change log is the outbox. A claim holds the subscription, goes on through the log where nothing noted is due, and
picks the first message that is; the try counts from then on. The message is sent under no transaction, and what became
of it is stored where the lease still stands. A worker that dies between the two has told the subscriber perhaps: the
lease runs out, and the message is sent again, with the id by which a subscriber knows it. So nothing is lost, and what
comes twice can be told.

One message of a subscription is in hand at a time: they arrive in order (`redelivery` says when not), and a
slow endpoint holds up its own only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from storyfold.errors import FateError, Transient
from storyfold.stages.kinds import Kind
from storyfold.stages.redelivery import HOLDING, Failure, Patience
from storyfold.stages.work import Work
from storyfold.store import deliveries, subscription_work, subscriptions
from storyfold.store.leases import Lease, Terms
from storyfold.store.tables import Delivered, Delivery, Subscription
from storyfold.web.client import Client, Pushed

EXCERPT_BYTES = 1_000
"""How much of an answer that is no success is kept with the try."""

# Windows of the log gone through in one claim, where nobody asked for anything in them.
_WINDOWS = 25

_ACTOR = "storyfold"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way."""

    lease: Lease
    delivery_id: int
    url: str
    secrets: Sequence[str] = field(repr=False)
    message_id: str = ""
    body: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """How the endpoint answered, after how many seconds."""

    pushed: Pushed
    seconds: float


@dataclass(frozen=True, slots=True)
class Deliver:
    """The stage. `id` is that of a subscription. `client` keeps to what one delivery may cost."""

    client: Client
    patience: Patience
    lease_seconds: float
    random: Random = field(default_factory=Random)

    def claim(self, session: Session, id: int, now: datetime) -> Parcel | None:
        held = subscription_work.hold(session, id, Terms(now, self.lease_seconds))
        if held is None:
            return None
        subscription, lease = held
        delivery = _next(session, subscription, now)
        if delivery is None:
            subscription_work.let_go(subscription)
            return None
        delivery.attempts += 1
        secrets = subscriptions.secrets_of(subscription, now)
        return Parcel(lease, delivery.id, subscription.url, secrets, delivery.message_id, delivery.body)

    def run(self, job: Parcel, now: datetime) -> Answered:
        began = monotonic()
        pushed = self.client.push(job.url, job.body.encode(), headers=_headers(job, now), excerpt=EXCERPT_BYTES)
        return Answered(pushed, monotonic() - began)

    def store(self, session: Session, job: Parcel, result: Answered, now: datetime) -> Sequence[Work]:
        status = result.pushed.status
        tried = {"at": now.isoformat(), "status": status, "seconds": round(result.seconds, 3)}
        if 200 <= status < 300:
            return self._delivered(session, job, tried, now)
        why = " (redirects are not followed)" if status < 400 else ""
        why = " (redirects are not followed)" if status < 400 else ""
        tried["error"] = f"the endpoint answered {status}{why}"
        tried["answer"] = _readable(result.pushed.excerpt)
        return self._failed(session, job, tried, result.pushed.retry_at, now)

    def fail(self, session: Session, job: Parcel, error: FateError, now: datetime) -> Sequence[Work]:
        retry_at = error.retry_at if isinstance(error, Transient) else None
        tried = {"at": now.isoformat(), "status": None, "error": f"{error.reason}: {error}"}
        return self._failed(session, job, tried, retry_at, now)

    def _delivered(self, session: Session, job: Parcel, tried: dict[str, Any], now: datetime) -> Sequence[Work]:
        subscription = subscription_work.held(session, job.lease)
        if subscription is None:
            return ()
        delivery = session.get_one(Delivery, job.delivery_id)
        deliveries.note_try(delivery, tried)
        delivery.state, delivery.delivered_at, delivery.next_attempt_at = Delivered.DELIVERED, now, None
        if subscription.error_streak > HOLDING:  # not one message alone: it was down, and what it is owed need not wait
            session.flush()
            subscription_work.make_due(session, subscription.id, now)
        subscription.error_streak = 0
        subscription.failing_since = subscription.last_error = None
        subscription.last_success = subscription.not_before = now
        subscription.last_seconds = tried["seconds"]
        subscription_work.let_go(subscription)
        return () if subscription_work.is_slow(subscription) else [Work(Kind.DELIVER, subscription.id)]

    def _failed(
        self, session: Session, job: Parcel, tried: dict[str, Any], retry_at: datetime | None, now: datetime
    ) -> Sequence[Work]:
        subscription = subscription_work.held(session, job.lease)
        if subscription is None:
            return ()
        delivery = session.get_one(Delivery, job.delivery_id)
        deliveries.note_try(delivery, tried)
        subscription.error_streak += 1
        subscription.failing_since = subscription.failing_since or now
        subscription.last_error = tried["error"]
        verdict = self.patience.judge(_failure(subscription, delivery, tried["status"], retry_at), now, self.random)
        delivery.next_attempt_at = verdict.again_at
        delivery.state = Delivered.PENDING if verdict.again_at else Delivered.FAILED
        subscription.not_before = verdict.not_before
        if verdict.paused_reason:
            reason = f"{verdict.paused_reason} (last: {tried['error']})"
            subscriptions.pause(session, subscription, reason, _ACTOR, now)
        subscription_work.let_go(subscription)
        return ()


def _next(session: Session, subscription: Subscription, now: datetime) -> Delivery | None:
    """The message that is due, where need be the first of what the log tells next."""
    for _ in range(_WINDOWS):
        delivery = deliveries.next_due(session, subscription.id, now)
        if delivery is not None or not deliveries.gather(session, subscription, now):
            return delivery
    return None


def _headers(job: Parcel, now: datetime) -> dict[str, str]:
    """As https://www.standardwebhooks.com signs: by each secret, so that a subscriber may know either."""
    signatures = [Webhook(secret).sign(job.message_id, now, job.body) for secret in job.secrets]
    return {
        "content-type": "application/json",
        "webhook-id": job.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _failure(subscription: Subscription, delivery: Delivery, status: int | None, retry_at: datetime | None) -> Failure:
    assert subscription.failing_since is not None  # set for the first failure
    took_others = subscription.last_success is not None and subscription.last_success > delivery.created_at
    return Failure(
        delivery.attempts, subscription.error_streak, subscription.failing_since, took_others, status, retry_at
    )


def _readable(excerpt: bytes) -> str:
    """What PostgreSQL and a person can read of it."""
    return excerpt.decode("utf-8", "replace").replace("\x00", "�")
