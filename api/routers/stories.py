"""Stories: what happened, who told it first, who only repeated it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.stories import FoundStory, StoryDetail, StoryItem, StoryQuery
from api.services import Door
from storyfold.store import stories

router = APIRouter(prefix="/v1/stories", tags=["stories"])


@router.get("", responses=answers(200, "Stories, without their clusters."))
def list_stories(query: Annotated[StoryQuery, Query()], door: Door) -> Page[FoundStory] | Page[StoryItem]:
    """Stories by text, time, source, language and size; with `q`, each with the place that answers."""
    with door.reading() as session:
        page = stories.list_stories(
            session, query.wanted(), sort=query.sort, limit=query.limit, cursor=query.cursor or None
        )
    if query.q is None:
        return Page[StoryItem](
            items=[StoryItem.of_story(story) for story in page.stories], next_cursor=page.next_cursor
        )
    found = [FoundStory.of_found(story, page.highlights.get(story.id)) for story in page.stories]
    return Page[FoundStory](items=found, next_cursor=page.next_cursor)


@router.get(
    "/{id}",
    response_model=StoryDetail,
    responses=answers(200, "The story.", 404)
    | {308: {"description": "It was merged into the older story at `Location`."}},
)
def get_story(id: str, request: Request, door: Door) -> StoryDetail | Response:
    """One story with its syndication clusters, their articles in order of publication, and the evidence."""
    with door.reading() as session:
        story = stories.get_story(session, parse_id(id))
        standing = stories.standing_id(session, story)
        if standing != story.id:
            return RedirectResponse(f"{request.scope.get('root_path', '')}/v1/stories/{standing}", status_code=308)
        return StoryDetail.of_parts(story, stories.get_clusters(session, story.id))
