"""The audit trail: who did what an administrator may do, to what, and when."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Key, String


class Act(StrEnum):
    """What is put on record. The column takes any word: an act is added here without a migration."""

    KEY_MADE = "key.made"
    KEY_REVOKED = "key.revoked"
    FEED_CHANGED = "feed.changed"
    FEED_REMOVED = "feed.removed"
    LINE_MARKED_GOOD = "line.marked-good"
    LINE_UNMARKED = "line.unmarked"
    ARTICLE_TAKEN_DOWN = "article.taken-down"
    STORIES_MERGED = "stories.merged"
    STORY_SPLIT = "story.split"
    SUBSCRIPTION_MADE = "subscription.made"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_REMOVED = "subscription.removed"
    SUBSCRIPTION_PAUSED = "subscription.paused"
    SUBSCRIPTION_RESUMED = "subscription.resumed"
    SUBSCRIPTION_REPLAYED = "subscription.replayed"
    SECRET_ROTATED = "subscription.secret-rotated"  # noqa: S105 - a word, no secret


class AuditEntry(Base):
    """One act, written in the transaction that did it.

    `actor` is a key (``key 3 desk``), an address where no key exists (``address 127.0.0.1``), or a person at the
    command line (``command line alice``); `subject` is a kind and an id (``story/12``). `detail` holds no secrets.
    """

    __tablename__ = "audit"

    id: Mapped[Key]
    at: Mapped[Instant]
    actor: Mapped[String]
    action: Mapped[String]
    subject: Mapped[String]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_audit_subject", "subject"), Index("ix_audit_action", "action"))
