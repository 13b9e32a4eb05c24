"""Lists of feeds: OPML in and out, and how the feeds on them are doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from storyfold.errors import BadInput
from storyfold.feeds.health import FeedHealth, feed_health
from storyfold.feeds.opml import OpmlFeed, read_opml, write_opml
from storyfold.feeds.schedule import first_poll
from storyfold.stages.pacing import entry_times
from storyfold.stages.submit import feed_address
from storyfold.store import feeds
from storyfold.store.feeds import NewFeed
from storyfold.store.tables import Feed

MAX_BYTES = 5_000_000
"""Of an OPML file: some 25,000 feeds. What is larger is better imported in parts."""

SECONDS_A_FEED = 0.1
"""First polls of an imported list are spread over so much for each of its feeds: thousands are not due at once."""

EXPORTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImportedFeed:
    """What became of one outline. `id` is null, and `error` set, where its address cannot be a feed's."""

    url: str
    id: int | None
    created: bool
    error: str | None = None


def import_opml(session: Session, data: bytes, now: datetime, random: Random) -> list[ImportedFeed]:
    """Watch the feeds of an OPML file, in its order; what cannot be watched stops nothing else. Whoever calls commits.

    Raises `BadInput` for what is no OPML file, or too large.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(f"the file has {len(data)} bytes; at most {MAX_BYTES} are taken: import it in parts")
    outlines = read_opml(data)
    spread = SECONDS_A_FEED * len(outlines)
    new = [_new_feed(outline, first_poll(now, spread=spread, random=random)) for outline in outlines]
    added = iter(feeds.add_feeds(session, [feed for feed in new if isinstance(feed, NewFeed)], now))
    return [
        ImportedFeed(outline.url, None, created=False, error=str(feed))
        if isinstance(feed, BadInput)
        else ImportedFeed(outline.url, *next(added))
        for outline, feed in zip(outlines, new, strict=True)
    ]


def export_opml(session: Session, now: datetime) -> bytes:
    """All feeds as an OPML file, with what the file that named them said of them."""
    found: list[OpmlFeed] = []
    last = 0
    while page := feeds.list_feeds(session, after_id=last, limit=EXPORTED_AT_ONCE):
        found += [_outline(feed) for feed in page]
        last = page[-1].id
    return write_opml(found, title="Storyfold", now=now)


def health_of(feed: Feed, now: datetime) -> FeedHealth:
    """How a feed is doing, by what is kept of it."""
    return feed_health(
        now=now,
        entry_times=entry_times(feed.schedule),
        next_poll_at=feed.next_poll_at,
        last_success=feed.last_success,
        watched_since=feed.created_at,
        error_streak=feed.error_streak,
        gone=bool(feed.schedule.get("gone")),
    )


def _new_feed(outline: OpmlFeed, first_at: datetime) -> NewFeed | BadInput:
    try:
        address = feed_address(outline.url)
    except BadInput as error:
        return error
    said: dict[str, object] = {
        "title": outline.title,
        "home_url": outline.home_url,
        "folders": list(outline.folders),
        "attributes": outline.attributes,
    }
    return NewFeed(address.url, address.host, first_at, outline.title, outline.home_url, said)


def _outline(feed: Feed) -> OpmlFeed:
    said = feed.outline or {}
    folders: Sequence[str] = said.get("folders", ())
    return OpmlFeed(
        feed.url,
        said.get("title") or feed.title,
        said.get("home_url") or feed.home_url,
        tuple(folders),
        said.get("attributes", {}),
    )
