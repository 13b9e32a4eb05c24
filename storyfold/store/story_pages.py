"""The query behind a page of stories: filters, full-text search, order, and the place where the last page ended.

Full text: every revision is stemmed by the configuration of its language, so a search has to be stemmed the same way.
The index is asked for the query in any configuration at once, and what it finds is checked with the text's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Float, Row, Select, Subquery, cast, exists, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import REGCONFIG

from storyfold.errors import BadInput
from storyfold.store import cursors
from storyfold.store.tables import Article, Cluster, Revision, Story
from storyfold.store.tables.articles import SEARCH_CONFIGS

_CONFIGS = sorted({"simple", *SEARCH_CONFIGS.values()})


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


def page_query(wanted: StoryFilter, sort: StorySort, limit: int, cursor: str | None) -> Select[Any]:
    """Rows of (Story, `place`) behind the cursor. Raises `BadInput`."""
    found = _found(wanted.q, ranked=sort is StorySort.RELEVANCE) if wanted.q is not None else None
    place = _place(sort, found)
    query = select(Story, place.label("place")).where(Story.merged_into.is_(None), *_conditions(wanted))
    if found is not None:
        query = query.join(found, found.c.story_id == Story.id)
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


def _found(q: str, *, ranked: bool) -> Subquery:
    """The stories with an article whose current text answers the search, and how well the best of them does."""
    queries: list[ColumnElement[Any]] = [
        func.websearch_to_tsquery(cast(literal(config), REGCONFIG), q) for config in _CONFIGS
    ]
    in_any = reduce(lambda one, other: one.op("||")(other), queries)
    own = func.websearch_to_tsquery(Revision.search_config, q)
    rank = func.max(cast(func.ts_rank(Revision.search, own), Float(53))) if ranked else literal(0.0)
    return (
        select(Cluster.story_id, rank.label("rank"))
        .join(Article, Article.cluster_id == Cluster.id)
        .join(Revision, (Revision.article_id == Article.id) & (Revision.revision == Article.revision))
        .where(Revision.search.op("@@")(in_any), Revision.search.op("@@")(own))
        .group_by(Cluster.story_id)
        .subquery("found")
    )


def _place(sort: StorySort, found: Subquery | None) -> ColumnElement[Any]:
    if sort is StorySort.RELEVANCE:
        if found is None:
            raise BadInput("sort=relevance needs q: without a query nothing is more relevant than anything else")
        return found.c.rank
    if sort is StorySort.FIRST_PUBLISHED:
        return func.coalesce(Story.first_published, Story.dated_at)
    return (Story.updated_at if sort is StorySort.UPDATED_AT else Story.article_count).expression


def _read(cursor: str, sort: StorySort) -> tuple[Any, Any]:
    place, story_id = cursors.decode(cursor, _list_name(sort))
    dated = sort in (StorySort.UPDATED_AT, StorySort.FIRST_PUBLISHED)
    return (datetime.fromisoformat(str(place)) if dated else place), story_id


def _list_name(sort: StorySort) -> str:
    return f"stories:{sort}"
