"""Links: canonical URLs (or texts pushed without one) and their fates."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import (
    Base,
    Instant,
    Leased,
    OptionalInstant,
    OptionalRef,
    OptionalString,
    Ref,
    String,
    one_of,
)


class Fate(StrEnum):
    """Every link has exactly one."""

    PENDING = "pending"
    FOLDED = "folded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    FAILED = "failed"


class Stage(StrEnum):
    """The work a pending link waits for."""

    FETCH = "fetch"
    DIGEST = "digest"
    FOLD = "fold"


class LinkUrl(Base):
    """A canonical URL and the link it stands for. This key decides every race for a URL.

    A link has one for the URL it was handed in by, and one more for each address its page turned out to live at.
    """

    __tablename__ = "link_urls"

    canonical_url: Mapped[String] = mapped_column(primary_key=True)
    link_id: Mapped[Ref] = mapped_column(
        ForeignKey("links.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )

    __table_args__ = (Index("ix_link_urls_link_id", "link_id"),)


class Link(Leased, Base):
    """`stage` is set exactly while the fate is pending. `declared_*` is what whoever handed the link in said of it.

    `entry_digest` is what its feed last said of it (`feeds.model.FeedEntry.digest`); `refetches` counts how often a
    changed entry had its page fetched again.
    """

    __tablename__ = "links"

    # "By default": a new link's id is drawn before the race for its URL is decided.
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    url: Mapped[OptionalString]
    canonical_url: Mapped[OptionalString]
    host: Mapped[OptionalString]
    feed_id: Mapped[OptionalRef] = mapped_column(ForeignKey("feeds.id", ondelete="SET NULL"))
    fate: Mapped[String] = mapped_column(server_default=Fate.PENDING)
    stage: Mapped[OptionalString]
    reason: Mapped[OptionalString]
    detail: Mapped[OptionalString]
    next_attempt_at: Mapped[OptionalInstant]
    duplicate_of: Mapped[OptionalRef] = mapped_column(ForeignKey("links.id", ondelete="SET NULL"))
    page_id: Mapped[OptionalRef]
    declared_title: Mapped[OptionalString]
    declared_published: Mapped[OptionalInstant]
    declared_precision: Mapped[OptionalString]
    declared_source: Mapped[OptionalString]
    declared_language: Mapped[OptionalString]
    entry_digest: Mapped[OptionalString]
    refetches: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint(one_of("fate", Fate), name="fate"),
        CheckConstraint(one_of("stage", Stage), name="stage"),
        CheckConstraint("(fate = 'pending') = (stage IS NOT NULL)", name="pending_has_stage"),
        CheckConstraint("(fate = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_is_due"),
        Index("ix_links_due", "stage", "next_attempt_at", postgresql_where=text("fate = 'pending'")),
        # From host to host, wherever one starts: a host is found without walking the queues of others.
        Index(
            "ix_links_waiting_hosts",
            text("hashtextextended(host, 0)"),
            "next_attempt_at",
            postgresql_where=text("fate = 'pending' AND stage = 'fetch'"),
        ),
        Index("ix_links_in_hand", "host", postgresql_where=text("lease_token IS NOT NULL")),
        Index("ix_links_fate_id", "fate", "id"),
        Index("ix_links_host_id", "host", "id"),
        Index("ix_links_feed_id", "feed_id"),
        Index("ix_links_duplicate_of", "duplicate_of"),
    )
