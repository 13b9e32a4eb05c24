"""Fingerprints and what finds them again: LSH bands, an inverted table of rare terms, IDF snapshots."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import Base, Instant, OptionalString, Ref


class FingerprintRow(Base):
    """The fingerprint of an article's current revision, by the algorithm `version`.

    `sequence` grows in the order in which folds commit (it is drawn under the fold lock), so that a fold can ask what
    came in after it looked. `event_days` are the days that the text names (see `matching.dates`).
    """

    __tablename__ = "fingerprints"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[Ref]
    version: Mapped[int] = mapped_column(SmallInteger)
    idf_snapshot: Mapped[int]
    exact: Mapped[Ref]
    bands: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    event_days: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("uq_fingerprints_sequence", "sequence", unique=True),
        Index("ix_fingerprints_exact", "exact"),
        Index("ix_fingerprints_bands", "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )


class ArticleTerm(Base):
    """Inverted table: which articles hold a rare term, newest first, and the day (ordinal) each was published.

    `share` is what the term makes of the article, in thousandths (see `matching.candidates`).

    Dozens of rows an article: a foreign key would be checked for each, which takes as long as writing them. A row that
    leads to nothing does no harm; who deletes an article deletes its rows (see `takedowns`).

    It is read from its index alone, and the newest rows the most: where they are not known to be visible, each is
    looked up in the table too. So it is vacuumed whenever a fiftieth was added, and not, as is usual, a fifth.
    """

    __tablename__ = "article_terms"

    term: Mapped[Ref]
    article_id: Mapped[Ref]
    day: Mapped[int | None]
    share: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        PrimaryKeyConstraint("term", "article_id", postgresql_include=["day", "share"]),
        Index("ix_article_terms_article_id", "article_id"),
        {
            "postgresql_with": {
                "autovacuum_vacuum_insert_scale_factor": 0.02,
                "autovacuum_vacuum_insert_threshold": 10_000,
            }
        },
    )


class BondRow(Base):
    """How near two articles are as reports of an event (see `matching.event`), each pair once.

    `article_id` is the one that came in later. No foreign keys, as with `ArticleTerm`.
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
