"""Putting a batch into the store: links that wait for their fold, with articles made already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storyfold.articles.article import VERSION
from storyfold.batch.rows import Row
from storyfold.store.tables import Article, Link, Revision, Stage


def load_rows(session: Session, rows: Sequence[Row], now: datetime) -> list[int]:
    """Store usable rows in their order. -> their article ids. Should they be searched after all, it is word by word."""
    ordered = {"sort_by_parameter_order": True}
    link = {"stage": Stage.FOLD, "next_attempt_at": now, "created_at": now, "updated_at": now}
    links = session.scalars(insert(Link).returning(Link.id, **ordered), [link for _ in rows]).all()
    values = [_article(link_id, row, now) for link_id, row in zip(links, rows, strict=True)]
    articles = session.scalars(insert(Article).returning(Article.id, **ordered), values).all()
    session.execute(insert(Revision), [_revision(id, row, now) for id, row in zip(articles, rows, strict=True)])
    return list(articles)


def _article(link_id: int, row: Row, now: datetime) -> dict[str, Any]:
    return {
        "link_id": link_id,
        "url": row.url,
        "source": row.source,
        "title": row.title,
        "published": row.published.at if row.published else None,
        "published_precision": row.published.precision if row.published else None,
        "language": row.language,
        "arrived_at": now,
    }


def _revision(article_id: int, row: Row, now: datetime) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "revision": 1,
        "title": row.title,
        "text": row.text,
        "authors": [],
        "removed": [],
        "extraction_version": VERSION,
        "created_at": now,
        "search_config": "simple",
    }
