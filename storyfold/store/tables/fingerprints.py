"""Fingerprints and what finds them again: LSH bands, an inverted table of rare terms, IDF snapshots."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalInstant, OptionalString, Ref


class FingerprintRow(Base):
    """The fingerprint of an article's current revision, by the algorithm `version`.

    `sequence` grows in the order in which folds commit (it is drawn under the fold lock), so that a fold can ask what
    came in after it looked. `published` and `source` are copied here to keep candidate look-ups to one table.
    """

    __tablename__ = "fingerprints"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[Ref]
    version: Mapped[int] = mapped_column(SmallInteger)
    idf_snapshot: Mapped[int]
    exact: Mapped[Ref]
    bands: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    published: Mapped[OptionalInstant]
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("uq_fingerprints_sequence", "sequence", unique=True),
        Index("ix_fingerprints_exact", "exact"),
        Index("ix_fingerprints_bands", "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )


class ArticleTerm(Base):
    """Inverted table: which articles hold a rare term, newest first."""

    __tablename__ = "article_terms"

    term: Mapped[Ref] = mapped_column(primary_key=True)
    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index("ix_article_terms_article_id", "article_id"),)


class IdfSnapshot(Base):
    """A numbered, immutable table of inverse document frequencies for one language."""

    __tablename__ = "idf_snapshots"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[OptionalString]
    documents: Mapped[Ref]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
