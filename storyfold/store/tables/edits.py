"""What an editor put together or took apart."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, Ref, String, one_of


class Verdict(StrEnum):
    TOGETHER = "together"
    APART = "apart"


class EditorMark(Base):
    """An editor's last word on whether two syndication clusters tell one event.

    Clusters come and go as they are repaired, so each is named by one of its articles; the pair stands with the lower
    id first.
    """

    __tablename__ = "editor_marks"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[String]
    at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
        CheckConstraint("article_id < other_id", name="lower_first"),
        Index("ix_editor_marks_other_id", "other_id"),
    )
