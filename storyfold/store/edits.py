"""An editor's word on which clusters tell one event. It stands until the editor says otherwise; the last word rules.

The caller holds the fold lock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, literal, or_, select
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


def pass_marks_on(session: Session, article_id: int, cluster_id: int | None) -> None:
    """What was said of an article that leaves its cluster, for good or with another text, is said of those that stay.

    An editor's word was on the whole cluster, whichever article it is named by. Where nobody stays it is left alone.
    """
    heir = session.scalar(
        select(func.min(Article.id)).where(Article.cluster_id == cluster_id, Article.id != article_id)
    )
    if heir is None:
        return
    ends = or_(EditorMark.article_id == article_id, EditorMark.other_id == article_id)
    other = case((EditorMark.article_id == article_id, EditorMark.other_id), else_=EditorMark.article_id)
    marks = select(func.least(other, heir), func.greatest(other, heir), EditorMark.verdict, EditorMark.at)
    copied = insert(EditorMark).from_select(
        ["article_id", "other_id", "verdict", "at"], marks.where(ends, other != heir)
    )
    session.execute(copied.on_conflict_do_nothing())
    session.execute(delete(EditorMark).where(ends))
