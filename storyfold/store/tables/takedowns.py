"""Tombstones of articles that were taken down: nothing of what they said, only that they were there."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Ref

TAKEN_DOWN = "taken-down"
"""Why the link of such an article is rejected."""


class Takedown(Base):
    """`article_id` is an id that no article has any more; the link lives on, so that its URLs stay known."""

    __tablename__ = "takedowns"

    article_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    link_id: Mapped[Ref] = mapped_column(ForeignKey("links.id"))
    at: Mapped[Instant]

    __table_args__ = (Index("ix_takedowns_link_id", "link_id"),)
