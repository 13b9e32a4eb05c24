"""Which changes a subscription asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from storyfold.store.searches import answering, read_search
from storyfold.store.tables import Article, Change, ChangeKind, Cluster, Story, Subscription

# What ends a story is told to everybody who may know of it: of a story that is gone nobody can say who told it.
_ENDS = (ChangeKind.MERGED, ChangeKind.REMOVED)


def select_wanted(
    session: Session, subscription: Subscription, changes: Sequence[Change]
) -> list[tuple[Change, Story | None]]:
    """Those of the changes that the subscription asked for, each with its story as it stands now.

    A story that was merged meanwhile is judged by the story it ended in: that is where its articles are.
    """
    asked = [change for change in changes if change.kind in subscription.kinds]
    standing = standing_stories(session, {change.story_id for change in asked})
    matching = _matching(session, subscription, {story.id for story in standing.values()})
    found = [(change, standing.get(change.story_id)) for change in asked]
    return [
        (change, story)
        for change, story in found
        if change.kind in _ENDS or (story is not None and story.id in matching)
    ]


def standing_stories(session: Session, story_ids: Iterable[int]) -> dict[int, Story]:
    """The story that each of these ended in (itself, or what it was merged into), where there is any left."""
    stories = _load(session, story_ids)
    ends = {id: id for id in stories}
    while merged := {id: into for id, end in ends.items() if (into := stories[end].merged_into) is not None}:
        stories |= _load(session, set(merged.values()) - stories.keys())
        ends |= merged
    return {id: stories[end] for id, end in ends.items()}


def _load(session: Session, story_ids: Iterable[int]) -> dict[int, Story]:
    return {story.id: story for story in session.scalars(select(Story).where(Story.id.in_(set(story_ids))))}


def _matching(session: Session, subscription: Subscription, story_ids: set[int]) -> set[int]:
    query = select(Story.id).where(Story.id.in_(story_ids), *_conditions(subscription))
    if subscription.q is not None:
        query = query.where(Story.id.in_(_told_as(session, subscription.q, story_ids)))
    return set(session.scalars(query))


def _conditions(subscription: Subscription) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if subscription.language is not None:
        conditions.append(Story.language == subscription.language)
    if subscription.min_articles is not None:
        conditions.append(Story.article_count >= subscription.min_articles)
    if subscription.source is not None:
        by_it = (Article.cluster_id == Cluster.id) & (Article.source == subscription.source)
        conditions.append(exists().where(by_it, Cluster.story_id == Story.id).correlate(Story))
    if subscription.min_cluster_articles is not None:
        conditions.append(exists(_large_cluster(subscription.min_cluster_articles).correlate(Story)))
    return conditions


def _large_cluster(articles: int) -> Select[Any]:
    return (
        select(Cluster.id)
        .join(Article, Article.cluster_id == Cluster.id)
        .where(Cluster.story_id == Story.id)
        .group_by(Cluster.id)
        .having(func.count() >= articles)
    )


def _told_as(session: Session, q: str, story_ids: set[int]) -> Select[Any]:
    told = answering(read_search(session, q)).where(Cluster.story_id.in_(story_ids)).subquery()
    return select(told.c.story_id)
