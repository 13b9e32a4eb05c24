"""Fingerprints and what finds them again: LSH bands, an inverted table of rare terms, IDF snapshots."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalString, Ref


class FingerprintRow(Base):
    """The fingerprint of an article's current revision, by the algorithm `version`.

    `sequence` grows in the order in which folds commit (it is drawn under the fold lock), so that a fold can ask what
    came in after it looked. `index_terms` are the terms under which the inverted table has it (see `PostingBlock`).
    `event_days` are the days that the text names (see `matching.dates`).
    """

    __tablename__ = "fingerprints"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[Ref]
    version: Mapped[int] = mapped_column(SmallInteger)
    idf_snapshot: Mapped[int]
    exact: Mapped[Ref]
    bands: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    index_terms: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    event_days: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("uq_fingerprints_sequence", "sequence", unique=True),
        Index("ix_fingerprints_exact", "exact"),
        Index("ix_fingerprints_bands", "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )


class PostingBlock(Base):
    """Inverted table: under each term the articles that are found by it, in blocks, the oldest in block 0.

    `data` are postings (see `matching.postings`) in the order in which the articles were folded; their ids lie between
    the first and the last. A block grows until it is full (`store.postings.BLOCK`), each time within its page: pages
    are left a quarter empty for that.
    """

    __tablename__ = "posting_blocks"

    term: Mapped[Ref] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    first_article_id: Mapped[Ref]
    last_article_id: Mapped[Ref]
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = ({"postgresql_with": {"fillfactor": 75}},)


class BondRow(Base):
    """How near two articles are as reports of an event (see `matching.event`), each pair once.

    `article_id` is the one that came in later. No foreign keys: sixty rows an article would be
    checked one by one, which takes as long as writing them.
    """

    __tablename__ = "bonds"

    article_id: Mapped[Ref] = mapped_column(primary_key=True)
    other_id: Mapped[Ref] = mapped_column(primary_key=True)
    cosine: Mapped[float] = mapped_column(REAL)
    alone: Mapped[float] = mapped_column(REAL)
    settled: Mapped[float] = mapped_column(REAL)

    __table_args__ = (Index("ix_bonds_other_id_cosine", "other_id", "cosine"),)


class KinRow(Base):
    """Two articles that the relation model took for no strangers and that stood in different syndication clusters.

    What the second look at clusters goes by. `article_id` is the one that came in later.
    """

    __tablename__ = "kin"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index("ix_kin_other_id", "other_id"),)


class IdfSnapshot(Base):
    """A numbered, immutable table of inverse document frequencies for one language."""

    __tablename__ = "idf_snapshots"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[OptionalString]
    documents: Mapped[Ref]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
