"""Lines seen on the pages of a site, from which its template is learned by all workers together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Ref, String


class SiteLine(Base):
    """One line (by its hash) seen in one article of a site; `position` is its place from 0 (first) to 1 (last)."""

    __tablename__ = "site_lines"

    site: Mapped[String] = mapped_column(primary_key=True)
    line_hash: Mapped[Ref] = mapped_column(primary_key=True)
    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[float]
    seen_on: Mapped[date]

    __table_args__ = (Index("ix_site_lines_article_id", "article_id"), Index("ix_site_lines_seen_on", "seen_on"))
