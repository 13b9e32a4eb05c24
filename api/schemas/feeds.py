"""Feeds: the sources that are polled."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from api.schemas.base import LIMIT, Answer, Cursor, Given, Id, Instant, Limit, WebAddress
from storyfold.store.tables import Feed


class GivenFeed(Given):
    """The address of an RSS, Atom, RDF or JSON Feed, or of a news sitemap."""

    url: Annotated[WebAddress, Field(examples=["https://harbour-post.example/feed.xml"])]


class FeedItem(Answer):
    """A feed and how its polls go; `error` is what the last one failed with."""

    id: Id
    url: str
    title: str | None
    last_success: Instant | None
    next_poll_at: Instant
    error: str | None

    @classmethod
    def of_feed(cls, feed: Feed) -> Self:
        return cls(
            id=str(feed.id),
            url=feed.url,
            title=feed.title,
            last_success=feed.last_success,
            next_poll_at=feed.next_poll_at,
            error=feed.error,
        )


class FeedQuery(Given):
    """In the order in which they were added."""

    limit: Limit = LIMIT
    cursor: Cursor | None = None
