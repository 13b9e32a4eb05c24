"""The query behind a page of stories: filters, order, and the place where the last page ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, exists, func, null, select, tuple_

from storyfold.errors import BadInput
from storyfold.store import cursors
from storyfold.store.searches import Search, answering, ranked_stories
from storyfold.store.tables import Article, Cluster, Story


class StorySort(StrEnum):
    """What stories are ordered by, greatest first. A story without a date is dated by its arrival."""

    UPDATED_AT = "updated_at"
    FIRST_PUBLISHED = "first_published"
    ARTICLE_COUNT = "article_count"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """What is asked for; None asks for nothing.

    `q` is full text as people type it in a search box (quotes, ``or``, ``-``). `since` (inclusive) and `until`
    (exclusive) go by when the story was last published, else by its arrival.
    """

    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    language: str | None = None
    min_articles: int | None = None
    min_sources: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How `StoryFilter.q` was read, and whether many texts answer it."""

    search: Search
    common: bool


def page_query(
    wanted: StoryFilter, asked: Asked | None, sort: StorySort, limit: int, cursor: str | None
) -> Select[Any]:
    """Rows of (Story, `place`, `article_id`) behind the cursor; the article is the one that answers best, where
    answers are ranked, else null. Raises `BadInput`."""
    conditions = _conditions(wanted)
    ranked = ranked_stories(asked.search, conditions) if asked and sort is StorySort.RELEVANCE else None
    place = _place(sort, ranked)
    best = ranked.c.article_id if ranked is not None else null()
    query = select(Story, place.label("place"), best.label("article_id"))
    query = query.where(Story.merged_into.is_(None), *conditions)
    if ranked is not None:
        query = query.join(ranked, ranked.c.story_id == Story.id)
    elif asked is not None:
        query = query.where(_told_as(asked.search) if asked.common else Story.id.in_(_answering(asked.search)))
    if cursor is not None:
        query = query.where(tuple_(place, Story.id) < _read(cursor, sort))
    return query.order_by(place.desc(), Story.id.desc()).limit(limit)


def cursor_after(row: Row[Any], sort: StorySort) -> str:
    """The cursor of the place behind this row of a page."""
    place = row.place.isoformat() if isinstance(row.place, datetime) else row.place
    return cursors.encode(_list_name(sort), place, row.Story.id)


def _conditions(wanted: StoryFilter) -> list[ColumnElement[bool]]:
    by_column = [
        (wanted.since, Story.dated_at.__ge__),
        (wanted.until, Story.dated_at.__lt__),
        (wanted.language, Story.language.__eq__),
        (wanted.min_articles, Story.article_count.__ge__),
        (wanted.min_sources, Story.source_count.__ge__),
    ]
    conditions: list[ColumnElement[bool]] = [compare(value) for value, compare in by_column if value is not None]
    if wanted.source is not None:
        conditions.append(_told_by(wanted.source))
    return conditions


def _told_by(source: str) -> ColumnElement[bool]:
    return (
        exists()
        .where(Article.cluster_id == Cluster.id, Cluster.story_id == Story.id, Article.source == source)
        .correlate(Story)
    )


def _told_as(search: Search) -> ColumnElement[bool]:
    """Looked up story by story: `offset` keeps PostgreSQL from collecting all that answer first."""
    told = answering(search).where(Cluster.story_id == Story.id).offset(0).correlate(Story)
    return exists(told.subquery())


def _answering(search: Search) -> Select[Any]:
    """Collected first, and once: PostgreSQL takes looking into a text for much cheaper than it is."""
    collected = answering(search).cte("answering").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(collected.c.story_id)


def _place(sort: StorySort, ranked: Subquery | None) -> ColumnElement[Any]:
    if sort is StorySort.RELEVANCE:
        if ranked is None:
            raise BadInput("sort=relevance needs q: without a query nothing is more relevant than anything else")
        return ranked.c.rank
    if sort is StorySort.FIRST_PUBLISHED:
        return func.coalesce(Story.first_published, Story.dated_at)
    return (Story.updated_at if sort is StorySort.UPDATED_AT else Story.article_count).expression


def _read(cursor: str, sort: StorySort) -> tuple[Any, Any]:
    place, story_id = cursors.decode(cursor, _list_name(sort))
    dated = sort in (StorySort.UPDATED_AT, StorySort.FIRST_PUBLISHED)
    return (datetime.fromisoformat(str(place)) if dated else place), story_id


def _list_name(sort: StorySort) -> str:
    return f"stories:{sort}"
