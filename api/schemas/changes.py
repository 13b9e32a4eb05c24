"""Changes: what happened to stories."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field
from sqlalchemy.orm import Session

from api.schemas.base import LIMIT, Answer, Count, Given, GivenId, Id, Instant, Limit, Storable, optional_id
from storyfold.store import cursors
from storyfold.store.changes import LIST, ChangeFilter, ChangesRead, change_cursor, last_cursor
from storyfold.store.tables import Change, ChangeKind

LATEST = "latest"
"""In place of a cursor: from now on."""


class ChangeItem(Answer):
    """One change of one story. `other_story_id` is the story it was merged into, or split from or into."""

    cursor: str
    kind: ChangeKind
    story_id: Id
    other_story_id: Id | None
    at: Instant

    @classmethod
    def of_change(cls, change: Change) -> Self:
        return cls(
            cursor=change_cursor(change.cursor),
            kind=ChangeKind(change.kind),
            story_id=str(change.story_id),
            other_story_id=optional_id(change.other_story_id),
            at=change.at,
        )


class ChangePage(Answer):
    """Changes, oldest first. `next_cursor` is never null: where nothing is new, asking again with it is waiting."""

    items: list[ChangeItem]
    next_cursor: Annotated[str, Field(description="Keep it, and ask with it for what came after.")]

    @classmethod
    def of_reading(cls, read: ChangesRead) -> Self:
        return cls(items=[ChangeItem.of_change(each) for each in read.changes], next_cursor=change_cursor(read.behind))


class StreamQuery(Given):
    """Which changes. That a story was merged or removed is told whatever its source and size were."""

    cursor: Annotated[
        str | None,
        Field(max_length=1_000, description="Go on behind it; `latest` is from now on, none from the beginning."),
    ] = None
    story_id: Annotated[GivenId | None, Field(description="Of this story, and what others have to do with it.")] = None
    kind: Annotated[
        list[ChangeKind], Field(default_factory=list, description="Of these kinds; may be given several times.")
    ]
    source: Annotated[Storable | None, Field(max_length=253, description="Of stories told by this source.")] = None
    min_articles: Annotated[Count | None, Field(description="Of stories with so many articles by now.")] = None
    min_sources: Annotated[Count | None, Field(description="Of stories told by so many sources by now.")] = None

    def wanted(self) -> ChangeFilter:
        return ChangeFilter(
            kinds=frozenset(self.kind) or None,
            story_id=int(self.story_id) if self.story_id else None,
            source=self.source,
            min_articles=self.min_articles,
            min_sources=self.min_sources,
        )


class ChangeQuery(StreamQuery):
    limit: Limit = LIMIT


def place_behind(cursor: str | None, session: Session) -> int:
    """Where a reader with this cursor goes on. Raises `BadInput`."""
    if cursor == LATEST:
        return last_cursor(session)
    return cursors.decode_id(cursor, LIST) if cursor else 0
