"""Feeds: which are watched, and how their polls go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.feeds import FeedItem, FeedQuery, GivenFeed
from api.services import Door
from storyfold.stages.submit import watch_feed
from storyfold.store import cursors, feeds

_LIST = "feeds"

router = APIRouter(prefix="/v1/feeds", tags=["feeds"])


@router.post(
    "",
    status_code=201,
    responses=answers(201, "The feed, watched from now on.")
    | {200: {"description": "The feed, which was watched already.", "model": FeedItem}},
)
def add_feed(given: GivenFeed, response: Response, door: Door) -> FeedItem:
    """Watch a feed. Its first poll is due at once."""
    with door.writing() as session:
        feed, created = watch_feed(session, given.url, door.now())
        item = FeedItem.of_feed(feed)
    if created:
        door.bell.ring()
    response.status_code = 201 if created else 200
    response.headers["Location"] = f"/v1/feeds/{item.id}"
    return item


@router.get("", responses=answers(200, "Feeds in the order in which they were added."))
def list_feeds(query: Annotated[FeedQuery, Query()], door: Door) -> Page[FeedItem]:
    """The feeds that are watched."""
    after = cursors.decode_id(query.cursor, _LIST) if query.cursor else 0
    with door.reading() as session:
        found = feeds.list_feeds(session, after_id=after, limit=query.limit + 1)
    shown = found[: query.limit]
    more = cursors.encode(_LIST, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[FeedItem.of_feed(feed) for feed in shown], next_cursor=more)


@router.get("/{id}", responses=answers(200, "The feed.", 404))
def get_feed(id: str, door: Door) -> FeedItem:
    """One feed."""
    with door.reading() as session:
        return FeedItem.of_feed(feeds.get_feed(session, parse_id(id)))


@router.delete("/{id}", status_code=204, responses=answers(204, "It is watched no more.", 404))
def remove_feed(id: str, door: Door) -> None:
    """Stop watching a feed. What it brought stays."""
    with door.writing() as session:
        feeds.remove_feed(session, parse_id(id))
