"""The deduplicated stream as a feed, for readers that know nothing of stories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.conditional import not_modified, validators
from api.openapi import answers
from api.schemas.stories import StoryQuery
from api.services import Door, Services
from api.story_feeds import ATOM, JSON_FEED, StoryFeed, atom, json_feed
from storyfold.store import stories
from storyfold.store.leads import story_leads
from storyfold.store.story_pages import StorySort

router = APIRouter(tags=["stories"])


def _documented(media_type: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    found = {"description": "The feed.", "content": {media_type: {"schema": schema}}}
    return answers(200, "The feed.") | {200: found, 304: {"description": "It is as the reader saw it last."}}


@router.get(
    "/v1/stories.atom", response_class=Response, responses=_documented(ATOM, {"type": "string", "format": "xml"})
)
def atom_feed(query: Annotated[StoryQuery, Query()], request: Request, door: Door) -> Response:
    """The list of stories as an Atom feed: the same filters and orders, with the opening of each story."""
    return _feed(query, request, door, ATOM, atom)


@router.get("/v1/stories.json", response_class=Response, responses=_documented(JSON_FEED, {"type": "object"}))
def json_feed_of_stories(query: Annotated[StoryQuery, Query()], request: Request, door: Door) -> Response:
    """The list of stories as a JSON Feed: the same filters and orders, with the opening of each story."""
    return _feed(query, request, door, JSON_FEED, json_feed)


def _feed(
    query: StoryQuery, request: Request, door: Services, media_type: str, render: Callable[[StoryFeed], bytes]
) -> Response:
    with door.reading() as session:
        page = stories.list_stories(
            session, query.wanted(), sort=query.sort, limit=query.limit, cursor=query.cursor or None
        )
        state = [(story.id, story.updated_at.isoformat()) for story in page.stories]
        newest = page.stories[0].updated_at if page.stories and _is_newest_first(query) else None
        seen = validators(media_type, request.url, page.next_cursor, state, newest=newest, now=door.now())
        unchanged = not_modified(request, seen)
        if unchanged is not None:
            return unchanged
        leads = story_leads(session, [story.id for story in page.stories])
    feed = StoryFeed(
        page.stories,
        leads,
        base=str(request.base_url).rstrip("/"),
        url=str(request.url),
        next_url=str(request.url.include_query_params(cursor=page.next_cursor)) if page.next_cursor else None,
    )
    return Response(render(feed), headers=seen.headers, media_type=media_type)


def _is_newest_first(query: StoryQuery) -> bool:
    return query.sort is StorySort.UPDATED_AT and not query.cursor
