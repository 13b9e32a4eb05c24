"""Feeds: the sources that are polled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from api.schemas.base import (
    LIMIT,
    Answer,
    Cursor,
    Given,
    Id,
    Instant,
    Limit,
    WebAddress,
    optional_id,
    readable,
)
from storyfold.feeds.health import FeedState
from storyfold.stages.feed_lists import ImportedFeed, health_of
from storyfold.stages.pacing import asked_seconds
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


class Health(Answer):
    """How a feed is doing.

    `state`: `ok`; `silent` (it answers, but has brought nothing for far longer than it used to, since `silent_since`);
    `failing` (several polls in a row failed); `gone` (its server says so); `dead` (nothing has succeeded for a month).
    """

    state: FeedState
    silent_since: Instant | None
    lag_seconds: float = Field(description="How late the next poll is.")
    interval_seconds: float | None = Field(description="From one poll to the next, by the last decision.")
    asked_seconds: float | None = Field(description="The interval that the server or the feed asks for.")
    error_streak: int = Field(description="Polls in a row that failed.")
    entries: int | None = Field(description="Entries of the last reading.")
    last_polled_at: Instant | None

    @classmethod
    def of_feed(cls, feed: Feed, now: datetime) -> Self:
        health = health_of(feed, now)
        return cls(
            state=health.state,
            silent_since=health.silent_since,
            lag_seconds=health.lag_seconds,
            interval_seconds=feed.schedule.get("interval"),
            asked_seconds=asked_seconds(feed.schedule),
            error_streak=feed.error_streak,
            entries=feed.schedule.get("entries"),
            last_polled_at=feed.last_polled_at,
        )


class FeedRecord(FeedItem):
    """A feed with its health."""

    home_url: str | None
    health: Health

    @classmethod
    def with_health(cls, feed: Feed, now: datetime) -> Self:
        item = FeedItem.of_feed(feed)
        return cls(**item.model_dump(), home_url=feed.home_url, health=Health.of_feed(feed, now))


class ImportedItem(Answer):
    """What became of one outline, in the order of the file; `id` is null where `error` says why it cannot be."""

    id: Id | None
    url: str
    created: bool
    error: str | None

    @classmethod
    def of_import(cls, feed: ImportedFeed) -> Self:
        return cls(id=optional_id(feed.id), url=readable(feed.url), created=feed.created, error=feed.error)


class Imported(Answer):
    items: list[ImportedItem]


class FeedQuery(Given):
    """In the order in which they were added."""

    limit: Limit = LIMIT
    cursor: Cursor | None = None
