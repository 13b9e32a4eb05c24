"""Subscriptions to changes (outbound webhooks), and the deliveries they are owed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import (
    Base,
    Instant,
    Key,
    Leased,
    OptionalInstant,
    OptionalRef,
    OptionalString,
    Ref,
    String,
    one_of,
)


class Delivered(StrEnum):
    """What became of a delivery so far."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Subscription(Leased, Base):
    """Who wants to be told of which changes. The change log is the outbox: `seen` is how far it was gone through.

    `kinds`, `q`, `source`, `language`, `min_articles`, `min_cluster_articles` are the filter. `secret` signs what is
    sent (it has to be kept as it is: both sides compute with it); `old_secret` signs beside it until
    `old_secret_until`. `error_streak` counts failed tries since the last that succeeded, `failing_since` is the first
    of them, and nothing is sent before `not_before`. A subscription is paused exactly while it has a `paused_reason`.
    """

    __tablename__ = "subscriptions"

    id: Mapped[Key]
    url: Mapped[String]
    description: Mapped[OptionalString]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    q: Mapped[OptionalString]
    source: Mapped[OptionalString]
    language: Mapped[OptionalString]
    min_articles: Mapped[int | None]
    min_cluster_articles: Mapped[int | None]
    secret: Mapped[String]
    old_secret: Mapped[OptionalString]
    old_secret_until: Mapped[OptionalInstant]
    seen: Mapped[Ref]
    error_streak: Mapped[int] = mapped_column(server_default="0")
    failing_since: Mapped[OptionalInstant]
    not_before: Mapped[OptionalInstant]
    last_success: Mapped[OptionalInstant]
    last_error: Mapped[OptionalString]
    last_seconds: Mapped[float | None]
    paused_at: Mapped[OptionalInstant]
    paused_reason: Mapped[OptionalString]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint("(paused_at IS NULL) = (paused_reason IS NULL)", name="paused_for_a_reason"),
        Index("ix_subscriptions_in_hand", "id", postgresql_where=text("lease_token IS NOT NULL")),
    )


class Delivery(Base):
    """One change that one subscription is to be told of: the log of it, and while it is pending the work.

    `message_id` and `body` stay the same through all tries, but for a takedown. `change_cursor` is null for a message that tells of no
    change (a test). `tries` are the last ones: when, how long, the status or the error, how the answer began.
    """

    __tablename__ = "deliveries"

    id: Mapped[Key]
    subscription_id: Mapped[Ref] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    change_cursor: Mapped[OptionalRef]
    kind: Mapped[String]
    story_id: Mapped[OptionalRef]
    message_id: Mapped[String]
    body: Mapped[String]
    state: Mapped[String] = mapped_column(server_default=Delivered.PENDING)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[OptionalInstant]
    tries: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    changed_at: Mapped[Instant]
    created_at: Mapped[Instant]
    delivered_at: Mapped[OptionalInstant]

    __table_args__ = (
        CheckConstraint(one_of("state", Delivered), name="state"),
        CheckConstraint("(state = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_is_due"),
        Index("uq_deliveries_subscription_id_change_cursor", "subscription_id", "change_cursor", unique=True),
        Index("ix_deliveries_subscription_id_id", "subscription_id", "id"),
        Index("ix_deliveries_story_id", "story_id"),
        Index("ix_deliveries_pending", "subscription_id", "id", postgresql_where=text("state = 'pending'")),
        Index("ix_deliveries_due", "next_attempt_at", "subscription_id", postgresql_where=text("state = 'pending'")),
        Index("ix_deliveries_created_at", "created_at"),
    )
