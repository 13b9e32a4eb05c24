"""Feeds: polled sources, their schedule and what the last polls said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Key, Leased, OptionalInstant, OptionalRef, OptionalString, String


class Feed(Leased, Base):
    """`etag` and `last_modified` are kept and sent back exactly as received. `schedule` is what pacing remembers.

    `unread_page_id` is a body that a poll brought and nobody has read yet. A feed that is due waits for its host's turn
    until `not_before`: its lag goes on counting from `next_poll_at`. `outline` is what the OPML list that named the feed
    said of it. `name` is what a person calls it, whatever `title` it gives itself. A `paused` feed is not polled.
    """

    __tablename__ = "feeds"

    id: Mapped[Key]
    url: Mapped[String]
    host: Mapped[String]
    title: Mapped[OptionalString]
    name: Mapped[OptionalString]
    home_url: Mapped[OptionalString]
    paused: Mapped[bool] = mapped_column(server_default="false")
    next_poll_at: Mapped[Instant]
    not_before: Mapped[OptionalInstant]
    last_polled_at: Mapped[OptionalInstant]
    last_success: Mapped[OptionalInstant]
    etag: Mapped[OptionalString]
    last_modified: Mapped[OptionalString]
    body_hash: Mapped[OptionalString]
    unread_page_id: Mapped[OptionalRef]
    error: Mapped[OptionalString]
    error_streak: Mapped[int] = mapped_column(server_default="0")
    schedule: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    outline: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Instant]

    __table_args__ = (
        Index("uq_feeds_url", "url", unique=True),
        Index("ix_feeds_next_poll_at", "next_poll_at"),
        Index("ix_feeds_unread", "id", postgresql_where=text("unread_page_id IS NOT NULL")),
        Index("ix_feeds_host", "host"),
    )
