"""Articles: where each stands in its cluster, and the revisions of its text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REGCONFIG, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from storyfold.store.tables.base import (
    Base,
    Instant,
    Key,
    OptionalInstant,
    OptionalRef,
    OptionalString,
    Ref,
    String,
)

# What a text search can stem, by ISO 639-1 code; every other language is searched word by word.
SEARCH_CONFIGS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}


# How much of a text is looked at to say how well it answers.
LEAD_CHARACTERS = 1_500

CONFIGS = tuple(sorted({"simple", *SEARCH_CONFIGS.values()}))


def search_mark(config: str) -> str:
    """The lexeme by which a search tells how a text was stemmed. No word of a text begins with this sign."""
    return f"={config}"


_MARKS = " ".join(f"WHEN '{name}'::regconfig THEN '''{search_mark(name)}'''::tsvector" for name in CONFIGS)


class Article(Base):
    """One article. `cluster_id` is null until it is folded; `relation`, `matched_id` and `score` say why it is there.

    `canonical_url` is what the page names as its own address, where that is plausible; on another site's page it
    names the original. `words` and `attributions` (kind, name) are what `matching.canonical` asks of an article.
    """

    __tablename__ = "articles"

    id: Mapped[Key]
    link_id: Mapped[Ref] = mapped_column(ForeignKey("links.id"))
    seed: Mapped[OptionalString]
    url: Mapped[OptionalString]
    canonical_url: Mapped[OptionalString]
    source: Mapped[OptionalString]
    title: Mapped[OptionalString]
    published: Mapped[OptionalInstant]
    published_precision: Mapped[OptionalString]
    language: Mapped[OptionalString]
    revision: Mapped[int] = mapped_column(server_default="1")
    arrived_at: Mapped[Instant]
    cluster_id: Mapped[OptionalRef] = mapped_column(ForeignKey("clusters.id"))
    relation: Mapped[OptionalString]
    matched_id: Mapped[OptionalRef] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"))
    score: Mapped[float | None]
    folded_at: Mapped[OptionalInstant]
    words: Mapped[int | None]
    attributions: Mapped[list[list[Any]] | None] = mapped_column(JSONB)

    __table_args__ = (
        CheckConstraint(
            "relation IN ('new', 'copy', 'reprint', 'rewrite', 'same_event', 'uncertain')", name="relation"
        ),
        CheckConstraint("(cluster_id IS NULL) = (relation IS NULL)", name="folded_has_relation"),
        Index("uq_articles_link_id", "link_id", unique=True),
        Index("ix_articles_cluster_id", "cluster_id"),
        Index("ix_articles_matched_id", "matched_id"),
        Index("ix_articles_source", "source"),
        Index("ix_articles_canonical_url", "canonical_url"),
    )


class Revision(Base):
    """One text of an article. `removed` lists the lines taken out, with their place and reason; nothing is lost.

    `search` covers the title and the first 200,000 characters (a tsvector holds 1 MB at most), stemmed by
    `search_config` and marked with its name. `search_lead` is what answers are ranked by: the title, and the opening
    of the text; it is short, for ranking reads one for every article that answers. All that is long lies outside of
    the row, so that an index scan over many rows reads few pages.
    """

    __tablename__ = "revisions"

    article_id: Mapped[Ref] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[OptionalString]
    text: Mapped[String]
    authors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    modified: Mapped[OptionalInstant]
    site: Mapped[OptionalString]
    image: Mapped[OptionalString]
    agency: Mapped[OptionalString]
    removed: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    page_id: Mapped[OptionalRef]
    extraction_version: Mapped[int]
    created_at: Mapped[Instant]
    search_config: Mapped[str] = mapped_column(REGCONFIG)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector(search_config, coalesce(title, '') || ' ' || left(text, 200000)) "
            f"|| CASE search_config {_MARKS} ELSE ''::tsvector END",
            persisted=True,
        ),
        deferred=True,
    )
    search_lead: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector(search_config, coalesce(title, '')), 'A') "
            f"|| to_tsvector(search_config, left(text, {LEAD_CHARACTERS}))",
            persisted=True,
        ),
        deferred=True,
    )

    __table_args__ = (
        Index("ix_revisions_search", "search", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {"postgresql_with": {"toast_tuple_target": 128}},
    )
