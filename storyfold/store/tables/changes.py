"""The change log: what happened to stories, in the order of commits."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalRef, Ref, String, one_of


class ChangeKind(StrEnum):
    CREATED = "created"
    GROWN = "grown"
    CHANGED = "changed"
    MERGED = "merged"
    SPLIT = "split"
    REMOVED = "removed"


class Change(Base):
    """One change of one story.

    `cursor` is one above the greatest there is, written under the fold lock: it has no gaps, and its order is the
    order of commits.
    """

    __tablename__ = "changes"

    cursor: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[String]
    story_id: Mapped[Ref]
    other_story_id: Mapped[OptionalRef]
    at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint(one_of("kind", ChangeKind), name="kind"),
        Index("ix_changes_story_id", "story_id"),
    )
