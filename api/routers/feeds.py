"""Feeds: which are watched, and how their polls go."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from api.access import Actor
from api.broker import DISCOVER
from api.openapi import answers
from api.problems import refused
from api.schemas.base import Page, parse_id
from api.schemas.feeds import ChangedFeed, FeedItem, FeedQuery, FeedRecord, Found, GivenFeed, Imported, ImportedItem
from api.services import Door
from storyfold.stages import submit
from storyfold.stages.feed_lists import export_opml, import_opml
from storyfold.store import cursors, feed_figures, feeds
from storyfold.store.tables import Feed
from storyfold.web.urls import canonicalize

_LIST = "feeds"

OPML = "text/x-opml"


class OpmlResponse(Response):
    media_type = OPML


async def _body(request: Request) -> bytes:
    return await request.body()


router = APIRouter(prefix="/v1/feeds", tags=["feeds"])


def _record(session: Session, feed: Feed, now: datetime) -> FeedRecord:
    return FeedRecord.with_health(feed, feed_figures.volume(session, feed, now), now)


@router.post(
    "",
    status_code=201,
    responses=answers(201, "The feed, watched from now on.")
    | {200: {"description": "The feed, which was watched already.", "model": FeedItem}},
)
def add_feed(given: GivenFeed, response: Response, door: Door) -> FeedItem:
    """Watch a feed. Its first poll is due at once."""
    with door.writing() as session:
        feed, created = submit.watch_feed(session, given.url, door.now())
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


@router.get("/opml", response_class=OpmlResponse, responses=answers(200, "An OPML 2.0 file."))
def export_feeds(door: Door) -> OpmlResponse:
    """All feeds as OPML, with the folders and attributes of the file that named them."""
    with door.reading() as session:
        return OpmlResponse(export_opml(session, door.now()))


@router.post(
    "/opml",
    openapi_extra={"requestBody": {"required": True, "content": {OPML: {"schema": {"type": "string"}}}}},
    responses=answers(200, "What became of each feed of the file, in its order."),
)
def import_feeds(data: Annotated[bytes, Depends(_body)], door: Door) -> Imported:
    """Watch the feeds of an OPML file. What is watched already stays as it is; first polls are spread over a while."""
    with door.writing() as session:
        imported = import_opml(session, data, door.now(), Random())  # noqa: S311 - spreads polls
    door.bell.ring()
    return Imported(items=[ImportedItem.of_import(feed) for feed in imported])


@router.post("/discover", response_model=Found, responses=answers(200, "What was found; nothing is watched yet."))
def discover_feeds(given: GivenFeed, door: Door) -> Found | Response:
    """Find the feeds and news sitemaps of the site whose page is at `url`. Workers look for it, for some 20 seconds.

    A page that cannot be had is 422 with its `reason`; one that could not be had this time is 503.
    """
    canonicalize(given.url)
    answer = door.matcher.ask(DISCOVER, {"url": given.url})
    return refused(answer["error"]) if "error" in answer else Found(items=answer["ok"])


@router.get("/{id}", responses=answers(200, "The feed.", 404))
def get_feed(id: str, door: Door) -> FeedRecord:
    """One feed, with its health."""
    with door.reading() as session:
        return _record(session, feeds.get_feed(session, parse_id(id)), door.now())


@router.patch("/{id}", responses=answers(200, "The feed as it is now.", 404, 409))
def change_feed(id: str, given: ChangedFeed, door: Door, actor: Actor) -> FeedRecord:
    """Change a feed's address, name it, pause it or go on. At a new address and after a pause it is polled at once."""
    with door.writing() as session:
        feed = submit.change_feed(
            session, parse_id(id), actor, door.now(), url=given.url, paused=given.paused, name=given.name
        )
        record = _record(session, feed, door.now())
    door.bell.ring()
    return record


@router.delete("/{id}", status_code=204, responses=answers(204, "It is watched no more.", 404))
def remove_feed(id: str, door: Door, actor: Actor) -> None:
    """Stop watching a feed. What it brought stays."""
    with door.writing() as session:
        feeds.remove_feed(session, parse_id(id), actor, door.now())
