"""Lines seen on the pages of a site, and the template learned from them by all workers together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import REAL, BigInteger, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Ref, String


class SiteLines(Base):
    """The lines of one article of a site: hash, place (0 first, 1 last) and length of each, in arrays of one length."""

    __tablename__ = "site_lines"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    site: Mapped[String]
    day: Mapped[date | None]
    hashes: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    positions: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    lengths: Mapped[list[int]] = mapped_column(ARRAY(Integer))

    __table_args__ = (Index("ix_site_lines_site_article_id", "site", "article_id"),)


class SiteTemplateRow(Base):
    """What was learned of a site when it had `articles` articles; `newest_id` was the newest of them."""

    __tablename__ = "site_templates"

    site: Mapped[String] = mapped_column(primary_key=True)
    articles: Mapped[int]
    newest_id: Mapped[Ref]
    at_edges: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    anywhere: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    learned_at: Mapped[Instant]


class GoodLine(Base):
    """A line of a site that a person has marked as good: its template never takes it out. `line` is as it was read."""

    __tablename__ = "good_lines"

    site: Mapped[String] = mapped_column(primary_key=True)
    line_hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[String]
    marked_at: Mapped[Instant]
