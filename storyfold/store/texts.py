"""What folding reads of articles: their current texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storyfold.store.tables import Article, Revision


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
    return _texts(session, Article.link_id.in_(link_ids)) if link_ids else []


def texts_of_articles(session: Session, article_ids: Collection[int]) -> dict[int, FoldText]:
    """These articles by id."""
    found = _texts(session, Article.id.in_(article_ids)) if article_ids else []
    return {text.article_id: text for text in found}


def _texts(session: Session, condition: ColumnElement[bool]) -> list[FoldText]:
    query = (
        select(
            Article.id,
            Article.link_id,
            Revision.text,
            Article.title,
            Article.language,
            Article.published,
            Revision.agency,
        )
        .join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .where(condition)
        .order_by(Article.id)
    )
    return [FoldText(*row) for row in session.execute(query)]
