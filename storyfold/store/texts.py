"""What folding reads of articles: their current texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from storyfold.store.columns import array


@dataclass(frozen=True, slots=True)
class FoldText:
    """The current text of an article with what its fingerprint is made from."""

    article_id: int
    link_id: int
    text: str
    title: str | None
    language: str | None
    published: datetime | None
    agency: str | None = None


def texts_of_links(session: Session, link_ids: Collection[int]) -> list[FoldText]:
    """The articles of these links, in order of id."""
    return _texts(session, _OF_LINKS, link_ids)


def texts_of_articles(session: Session, article_ids: Collection[int]) -> dict[int, FoldText]:
    """These articles by id."""
    return {text.article_id: text for text in _texts(session, _OF_ARTICLES, article_ids)}


def _texts(session: Session, statement: TextClause, ids: Collection[int]) -> list[FoldText]:
    if not ids:
        return []
    return [FoldText(*row) for row in session.connection().execute(statement, {"asked": array(ids)})]


_CURRENT = """
    SELECT articles.id, articles.link_id, revisions.text, articles.title, articles.language, articles.published,
        revisions.agency
    FROM articles
    JOIN revisions ON revisions.article_id = articles.id AND revisions.revision = articles.revision
"""
_OF_LINKS = text(f"{_CURRENT} WHERE articles.link_id = ANY(CAST(:asked AS bigint[])) ORDER BY articles.id")
_OF_ARTICLES = text(f"{_CURRENT} WHERE articles.id = ANY(CAST(:asked AS bigint[]))")
