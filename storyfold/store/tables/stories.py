"""Stories, their syndication clusters and the evidence that ties articles together."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import (
    Base,
    Instant,
    OptionalInstant,
    OptionalRef,
    OptionalString,
    Ref,
    String,
)

# Ids of stories and clusters are drawn before their rows are written: a whole batch is decided first.
DrawnKey = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]


class Story(Base):
    """One news event. A merged story keeps its row and points to the older one that took it in."""

    __tablename__ = "stories"

    id: Mapped[DrawnKey]
    title: Mapped[OptionalString]
    canonical_article_id: Mapped[OptionalRef] = mapped_column(
        ForeignKey("articles.id", ondelete="SET NULL", use_alter=True)
    )
    canonical_reasons: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    article_count: Mapped[int]
    source_count: Mapped[int]
    cluster_count: Mapped[int]
    first_published: Mapped[OptionalInstant]
    last_published: Mapped[OptionalInstant]
    dated_at: Mapped[Instant]
    language: Mapped[OptionalString]
    merged_into: Mapped[OptionalRef] = mapped_column(ForeignKey("stories.id"))
    repaired_at: Mapped[OptionalInstant]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    __table_args__ = (
        Index("ix_stories_updated_at_id", "updated_at", "id", postgresql_where=text("merged_into IS NULL")),
        Index("ix_stories_dated_at_id", "dated_at", "id", postgresql_where=text("merged_into IS NULL")),
        Index(
            "ix_stories_first_published_id",
            text("coalesce(first_published, dated_at)"),
            "id",
            postgresql_where=text("merged_into IS NULL"),
        ),
        Index("ix_stories_article_count_id", "article_count", "id", postgresql_where=text("merged_into IS NULL")),
        Index("ix_stories_merged_into", "merged_into"),
        Index(
            "ix_stories_unrepaired",
            "updated_at",
            postgresql_where=text("merged_into IS NULL AND (repaired_at IS NULL OR repaired_at < updated_at)"),
        ),
    )


class Cluster(Base):
    """One syndication cluster: one text and what was made of it. `head_article_id` is its earliest article.

    `unrepaired`: it has changed since the second look at it.
    """

    __tablename__ = "clusters"

    id: Mapped[DrawnKey]
    story_id: Mapped[Ref] = mapped_column(ForeignKey("stories.id"))
    head_article_id: Mapped[OptionalRef] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL", use_alter=True))
    created_at: Mapped[Instant]
    unrepaired: Mapped[bool] = mapped_column(server_default="true")

    __table_args__ = (
        Index("ix_clusters_story_id", "story_id"),
        Index("ix_clusters_unrepaired", "id", postgresql_where=text("unrepaired")),
    )


class Evidence(Base):
    """Why an article was tied to another: the relation, its score, and what a person can check (see `matching`).

    `data` is null where that is still to be made out: texts are not read while folding waits.
    """

    __tablename__ = "evidence"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    matched_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    relation: Mapped[String]
    score: Mapped[float]
    version: Mapped[int] = mapped_column(SmallInteger)
    idf_snapshot: Mapped[int]
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[Instant]

    __table_args__ = (
        Index("ix_evidence_matched_id", "matched_id"),
        Index("ix_evidence_missing", "created_at", postgresql_where=text("data IS NULL")),
    )
