"""Pages: bytes as fetched or pushed, compressed, partitioned by month so that retention drops whole partitions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, OptionalRef, OptionalString, String, one_of


class PageKind(StrEnum):
    FETCHED = "fetched"
    PUSHED_HTML = "pushed-html"
    PUSHED_TEXT = "pushed-text"


class Page(Base):
    """`body` is zstd; `link_id` is null for a page fetched for a dry run. Nothing refers here by foreign key."""

    __tablename__ = "pages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    fetched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    link_id: Mapped[OptionalRef]
    kind: Mapped[String]
    final_url: Mapped[OptionalString]
    content_type: Mapped[OptionalString]
    size: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint(one_of("kind", PageKind), name="kind"),
        Index("ix_pages_link_id", "link_id"),
        {"postgresql_partition_by": "RANGE (fetched_at)"},
    )
