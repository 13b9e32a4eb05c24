"""An editor's word on which clusters tell one event. It stands until the editor says otherwise; the last word rules.

The caller holds the fold lock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storyfold.store.tables import Article, Cluster, EditorMark, Story, Verdict


def clusters_of(session: Session, story_id: int) -> list[int]:
    """The story's syndication clusters, in order of id."""
    return list(session.scalars(select(Cluster.id).where(Cluster.story_id == story_id).order_by(Cluster.id)))


def canonical_cluster(session: Session, story_id: int) -> int | None:
    """The cluster that the story's canonical article stands in."""
    query = select(Article.cluster_id).join(Story, Story.canonical_article_id == Article.id)
    return session.scalar(query.where(Story.id == story_id))


def mark_pairs(
    session: Session, some: Collection[int], others: Collection[int], verdict: Verdict, now: datetime
) -> None:
    """Note the verdict on each cluster of `some` with each of `others`; what was said of them before is forgotten."""
    one, other = _members(some), _members(others)
    either_way = or_(
        and_(EditorMark.article_id.in_(one), EditorMark.other_id.in_(other)),
        and_(EditorMark.article_id.in_(other), EditorMark.other_id.in_(one)),
    )
    session.execute(delete(EditorMark).where(either_way), execution_options={"synchronize_session": False})
    a, b = aliased(Cluster), aliased(Cluster)
    pairs = (
        select(
            func.least(a.head_article_id, b.head_article_id),
            func.greatest(a.head_article_id, b.head_article_id),
            literal(verdict.value),
            literal(now),
        )
        .where(a.id.in_(some), b.id.in_(others), a.head_article_id != b.head_article_id)
        .distinct()
    )
    session.execute(insert(EditorMark).from_select(["article_id", "other_id", "verdict", "at"], pairs))


def _members(cluster_ids: Collection[int]) -> Select[Any]:
    return select(Article.id).where(Article.cluster_id.in_(cluster_ids))
