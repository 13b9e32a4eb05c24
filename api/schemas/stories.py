"""Stories: lists of them, and one with its syndication clusters."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from api.schemas.articles import Language, Relation, Score
from api.schemas.base import (
    LIMIT,
    Answer,
    Count,
    Cursor,
    Given,
    Id,
    Instant,
    Limit,
    QueryInstant,
    Storable,
    optional_id,
)
from storyfold.store.highlights import Highlight
from storyfold.store.stories import ClusterRecord, Member
from storyfold.store.story_pages import StoryFilter, StorySort
from storyfold.store.tables import Story


class StoryItem(Answer):
    """One event. `source_count` counts who told it, `cluster_count` the texts that were written of it."""

    id: Id
    title: str | None
    canonical_article_id: Id | None
    article_count: int
    source_count: int
    cluster_count: int
    first_published: Instant | None
    last_published: Instant | None
    updated_at: Instant
    language: str | None

    @classmethod
    def of_story(cls, story: Story, **more: object) -> Self:
        return cls.model_validate(
            {
                "id": str(story.id),
                "title": story.title,
                "canonical_article_id": optional_id(story.canonical_article_id),
                "article_count": story.article_count,
                "source_count": story.source_count,
                "cluster_count": story.cluster_count,
                "first_published": story.first_published,
                "last_published": story.last_published,
                "updated_at": story.updated_at,
                "language": story.language,
                **more,
            }
        )


class MarkedText(Answer):
    """A text, and the parts of it that answer: `[start, end)` in characters (code points)."""

    text: str
    marks: list[tuple[int, int]]


class StoryHighlight(Answer):
    """Where the story answers: the article that does, its title, and an excerpt of its text (" … " where it leaps)."""

    article_id: Id
    title: MarkedText | None
    excerpt: MarkedText

    @classmethod
    def of_highlight(cls, found: Highlight) -> Self:
        return cls(
            article_id=str(found.article_id),
            title=MarkedText.model_validate(found.title) if found.title else None,
            excerpt=MarkedText.model_validate(found.excerpt),
        )


class FoundStory(StoryItem):
    """A story that was searched for by its text."""

    highlight: StoryHighlight | None

    @classmethod
    def of_found(cls, story: Story, found: Highlight | None) -> Self:
        return cls.of_story(story, highlight=StoryHighlight.of_highlight(found) if found else None)


class ClusterMember(Answer):
    """An article in its place, and why it is there."""

    id: Id
    url: str | None
    title: str | None
    source: str | None
    published: Instant | None
    relation: Relation | None
    matched: Id | None
    score: Score
    evidence: dict[str, Any] | None

    @classmethod
    def of_member(cls, member: Member) -> Self:
        return cls.model_validate(
            {
                "id": str(member.id),
                "url": member.url,
                "title": member.title,
                "source": member.source,
                "published": member.published,
                "relation": member.relation,
                "matched": optional_id(member.matched_id),
                "score": member.score,
                "evidence": member.evidence,
            }
        )


class StoryCluster(Answer):
    """One text and what was made of it, in order of publication: who told it first stands first."""

    id: Id
    articles: list[ClusterMember]


class StoryDetail(StoryItem):
    """A story with its syndication clusters, the earliest first."""

    clusters: list[StoryCluster]

    @classmethod
    def of_parts(cls, story: Story, clusters: list[ClusterRecord]) -> Self:
        shown = [
            StoryCluster(id=str(cluster.id), articles=[ClusterMember.of_member(member) for member in cluster.members])
            for cluster in clusters
        ]
        return cls.of_story(story, clusters=shown)


class StoryQuery(Given):
    """Which stories, in which order. `since` and `until` go by `last_published`, else by arrival."""

    q: Annotated[
        Annotated[Storable, StringConstraints(min_length=1, max_length=500)] | None,
        Field(description='Full text: words, `"phrases"`, `or`, `-without`.', examples=["ferry -strike"]),
    ] = None
    since: Annotated[QueryInstant | None, Field(description="Inclusive.")] = None
    until: Annotated[QueryInstant | None, Field(description="Exclusive.")] = None
    source: Annotated[Storable | None, Field(max_length=253, description="Told by this source, among others.")] = None
    language: Language | None = None
    min_articles: Count | None = None
    min_sources: Count | None = None
    sort: Annotated[StorySort, Field(description="Greatest first; `relevance` needs `q`.")] = StorySort.UPDATED_AT
    limit: Limit = LIMIT
    cursor: Cursor | None = None

    def wanted(self) -> StoryFilter:
        return StoryFilter(
            q=self.q,
            since=self.since,
            until=self.until,
            source=self.source,
            language=self.language,
            min_articles=self.min_articles,
            min_sources=self.min_sources,
        )
