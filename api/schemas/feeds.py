"""Feeds: the sources that are polled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StrictBool

from api.schemas.base import (
    LIMIT,
    Answer,
    Cursor,
    Given,
    Id,
    Instant,
    Limit,
    Storable,
    WebAddress,
    optional_id,
    readable,
)
from storyfold.feeds.health import FeedState
from storyfold.feeds.model import FeedKind
from storyfold.stages.feed_lists import ImportedFeed, health_of
from storyfold.stages.pacing import asked_seconds, known_time
from storyfold.store.feed_figures import Volume
from storyfold.store.tables import Feed


class GivenFeed(Given):
    """The address of an RSS, Atom, RDF or JSON Feed, or of a news sitemap."""

    url: Annotated[WebAddress, Field(examples=["https://harbour-post.example/feed.xml"])]


class ChangedFeed(Given):
    """What is to be changed of a feed; what is left out stays. A `name` of nothing takes the name away."""

    url: Annotated[WebAddress | None, Field(description="Where it has moved to.")] = None
    name: Annotated[Storable | None, Field(max_length=500, description="What you call it: shown as its title.")] = None
    paused: Annotated[StrictBool | None, Field(description="Whether it is left alone until further notice.")] = None


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
            title=feed.name or feed.title,
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
    retry_at: Instant | None = Field(description="Until when the server asked to be left alone (`Retry-After`).")
    moved_to: str | None = Field(description="Where it redirects for good; adopted once that has held for days.")
    error_streak: int = Field(description="Polls in a row that failed.")
    entries: int | None = Field(description="Entries of the last reading.")
    last_polled_at: Instant | None
    links_last_week: int = Field(description="Links it brought in the last seven days.")
    links_a_week_before: float | None = Field(description="The same on average in the four weeks before.")

    @classmethod
    def of_feed(cls, feed: Feed, volume: Volume, now: datetime) -> Self:
        health = health_of(feed, now)
        return cls(
            state=health.state,
            silent_since=health.silent_since,
            lag_seconds=health.lag_seconds,
            interval_seconds=feed.schedule.get("interval"),
            asked_seconds=asked_seconds(feed.schedule),
            retry_at=known_time(feed.schedule, "retry_at"),
            moved_to=feed.schedule.get("moved_to"),
            error_streak=feed.error_streak,
            entries=feed.schedule.get("entries"),
            last_polled_at=feed.last_polled_at,
            links_last_week=volume.last_week,
            links_a_week_before=volume.before,
        )


class FeedRecord(FeedItem):
    """A feed with its health."""

    home_url: str | None
    paused: bool
    health: Health

    @classmethod
    def with_health(cls, feed: Feed, volume: Volume, now: datetime) -> Self:
        item = FeedItem.of_feed(feed)
        health = Health.of_feed(feed, volume, now)
        return cls(**item.model_dump(), home_url=feed.home_url, paused=feed.paused, health=health)


class FoundItem(Answer):
    """A feed of a site; `entries` are those it has now."""

    url: str
    kind: FeedKind
    title: str | None
    entries: int


class Found(Answer):
    """The feeds of a site, the likeliest first."""

    items: list[FoundItem]


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
