"""Changes: what happened to stories."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from api.schemas.base import LIMIT, Answer, Cursor, Given, Id, Instant, Limit, optional_id
from storyfold.store.tables import Change, ChangeKind


class ChangeItem(Answer):
    """One change of one story. `other_story_id` is the story it was merged into, or split from or into."""

    cursor: str
    kind: ChangeKind
    story_id: Id
    other_story_id: Id | None
    at: Instant

    @classmethod
    def of_change(cls, change: Change, cursor: str) -> Self:
        return cls(
            cursor=cursor,
            kind=ChangeKind(change.kind),
            story_id=str(change.story_id),
            other_story_id=optional_id(change.other_story_id),
            at=change.at,
        )


class ChangePage(Answer):
    """Changes, oldest first. `next_cursor` is never null: where nothing is new, asking again with it is waiting."""

    items: list[ChangeItem]
    next_cursor: Annotated[str, Field(description="Keep it, and ask with it for what came after.")]


class ChangeQuery(Given):
    """Where to go on; from the beginning without a cursor."""

    limit: Limit = LIMIT
    cursor: Cursor | None = None
