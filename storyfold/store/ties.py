"""Ties: what an article is to the one it was matched with. The caller holds the fold lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storyfold.matching.fingerprint import VERSION
from storyfold.store.tables import Article, Cluster, Evidence


@dataclass(frozen=True, slots=True)
class Tie:
    """`evidence` is None where nobody made it out."""

    article_id: int
    relation: str
    matched_id: int | None
    score: float | None
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An article that stands somewhere, and how it came there."""

    id: int
    cluster_id: int
    story_id: int
    relation: str
    score: float | None


def standings(session: Session, article_ids: Sequence[int]) -> list[Standing]:
    """Of those that are folded, in order of id."""
    columns = (Article.id, Article.cluster_id, Cluster.story_id, Article.relation, Article.score)
    query = select(*columns).join(Cluster, Cluster.id == Article.cluster_id).where(Article.id.in_(article_ids))
    return [Standing(*row) for row in session.execute(query.order_by(Article.id))]  # type: ignore[arg-type]


def other_heads(session: Session, article: Standing, limit: int) -> list[int]:
    """The articles that head the story's other clusters and came in before this one, the first first."""
    query = (
        select(Cluster.head_article_id)
        .where(Cluster.story_id == article.story_id, Cluster.id != article.cluster_id)
        .where(Cluster.head_article_id < article.id)
        .order_by(Cluster.head_article_id)
        .limit(limit)
    )
    return [head for head in session.scalars(query) if head is not None]


def write_tie(session: Session, tie: Tie, idf_snapshot: int, now: datetime) -> None:
    """Tie an article anew: the evidence of what it was tied by before goes."""
    session.execute(delete(Evidence).where(Evidence.article_id == tie.article_id))
    values = {"relation": tie.relation, "matched_id": tie.matched_id, "score": tie.score}
    session.execute(update(Article).where(Article.id == tie.article_id).values(values))
    if tie.matched_id is not None and tie.evidence is not None:
        made = {"version": VERSION, "idf_snapshot": idf_snapshot, "data": tie.evidence, "created_at": now}
        session.execute(insert(Evidence).values(article_id=tie.article_id, **values, **made))
