"""Stories: lists of them, and one with its syndication clusters. Lists never load a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from storyfold.errors import Gone, NotFound
from storyfold.store import story_pages
from storyfold.store.canonical import appeared
from storyfold.store.highlights import Highlight, highlight_articles, highlight_stories
from storyfold.store.searches import KEEP_TO_INDEXES, is_common, read_search
from storyfold.store.story_pages import Asked, StoryFilter, StorySort
from storyfold.store.tables import Article, Change, Cluster, Evidence, Story


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Some stories of a list; `next_cursor` is None where there are no more.

    `highlights` are by story, and there where a text was searched for.
    """

    stories: list[Story]
    next_cursor: str | None
    highlights: dict[int, Highlight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """An article as it stands in its syndication cluster, with the evidence of its tie."""

    id: int
    url: str | None
    title: str | None
    source: str | None
    published: datetime | None
    relation: str | None
    matched_id: int | None
    score: float | None
    evidence: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """A syndication cluster with its articles in order of publication."""

    id: int
    members: list[Member]


def list_stories(
    session: Session,
    wanted: StoryFilter,
    *,
    sort: StorySort = StorySort.UPDATED_AT,
    limit: int = 50,
    cursor: str | None = None,
) -> StoryPage:
    """One page of the stories that stand (merged ones do not), greatest first; ties by id.

    Raises:
        BadInput: the cursor is none of a list sorted this way, or relevance is asked for without a query.
    """
    asked = _ask(session, wanted.q, sort) if wanted.q is not None else None
    if asked is None and wanted.source is not None:
        session.execute(select(KEEP_TO_INDEXES))
    rows = session.execute(story_pages.page_query(wanted, asked, sort, limit + 1, cursor)).all()
    page = rows[:limit]
    return StoryPage(
        [row.Story for row in page],
        story_pages.cursor_after(page[-1], sort) if len(rows) > limit else None,
        _highlights(session, asked, page) if asked else {},
    )


def _ask(session: Session, q: str, sort: StorySort) -> Asked:
    search = read_search(session, q)
    return Asked(search, sort is not StorySort.RELEVANCE and is_common(session, search))


def _highlights(session: Session, asked: Asked, page: Sequence[Row[Any]]) -> dict[int, Highlight]:
    best = {row.Story.id: row.article_id for row in page if row.article_id is not None}
    if best:
        return highlight_articles(session, asked.search, best)
    return highlight_stories(session, asked.search, [row.Story.id for row in page])


def get_story(session: Session, story_id: int) -> Story:
    """A story, also one that was merged into another. Raises `NotFound`, and `Gone` where it was removed."""
    story = session.get(Story, story_id)
    if story is None:
        was = session.scalar(select(Change.cursor).where(Change.story_id == story_id).limit(1))
        raise NotFound(f"there is no story {story_id}") if was is None else Gone(f"story {story_id} was removed")
    return story


def standing_id(session: Session, story: Story) -> int:
    """The story that this one ended in: itself, unless it was merged. Merges lead to older stories, never around."""
    while story.merged_into is not None:
        story = session.get_one(Story, story.merged_into)
    return story.id


def story_of_cluster(session: Session, cluster_id: int) -> int:
    """The story that a cluster stands in, which is there."""
    return session.scalars(select(Cluster.story_id).where(Cluster.id == cluster_id)).one()


def get_clusters(session: Session, story_id: int) -> list[ClusterRecord]:
    """The story's syndication clusters, earliest first; who published first stands first in each."""
    when = appeared()
    query = (
        select(
            Article.cluster_id,
            Article.id,
            Article.url,
            Article.title,
            Article.source,
            Article.published,
            Article.relation,
            Article.matched_id,
            Article.score,
            Evidence.data.label("evidence"),
        )
        .join(Cluster, Cluster.id == Article.cluster_id)
        .outerjoin(Evidence, (Evidence.article_id == Article.id) & (Evidence.matched_id == Article.matched_id))
        .where(Cluster.story_id == story_id)
        .order_by(func.min(when).over(partition_by=Article.cluster_id), Article.cluster_id, when, Article.id)
    )
    return _grouped(session.execute(query).all())


def _grouped(rows: Sequence[Row[Any]]) -> list[ClusterRecord]:
    return [
        ClusterRecord(cluster_id, [_member(row) for row in members])
        for cluster_id, members in groupby(rows, key=lambda row: row.cluster_id)
    ]


def _member(row: Any) -> Member:
    """Of a row that has the cluster's id in front."""
    return Member(*row[1:])
