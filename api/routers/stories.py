"""Stories: what happened, who told it first, who only repeated it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.access import Actor
from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.editing import GivenMerge, GivenSplit
from api.schemas.stories import FoundStory, StoryDetail, StoryItem, StoryQuery
from api.services import Door, Services
from storyfold.stages import editing
from storyfold.store import audit, stories
from storyfold.store.tables import Act

router = APIRouter(prefix="/v1/stories", tags=["stories"])

_MOVED: dict[int | str, dict[str, Any]] = {308: {"description": "It was merged into the older story at `Location`."}}


@router.get(
    "", response_model=Page[FoundStory] | Page[StoryItem], responses=answers(200, "Stories, without their clusters.")
)
def list_stories(query: Annotated[StoryQuery, Query()], door: Door) -> Response:
    """Stories by text, time, source, language and size; with `q`, each with the place that answers."""
    with door.reading() as session:
        page = stories.list_stories(
            session, query.wanted(), sort=query.sort, limit=query.limit, cursor=query.cursor or None
        )
    if query.q is None:
        return _written(
            Page[StoryItem](items=[StoryItem.of_story(story) for story in page.stories], next_cursor=page.next_cursor)
        )
    found = [FoundStory.of_found(story, page.highlights.get(story.id)) for story in page.stories]
    return _written(Page[FoundStory](items=found, next_cursor=page.next_cursor))


def _written(page: BaseModel) -> Response:
    """As it is: to have the framework look through what was just made costs as much as to make it."""
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{id}",
    response_model=StoryDetail,
    responses=answers(200, "The story.", 404, 410) | _MOVED,
)
def get_story(id: str, request: Request, door: Door) -> StoryDetail | Response:
    """One story with its syndication clusters, their articles in order of publication, and the evidence."""
    with door.reading() as session:
        story = stories.get_story(session, parse_id(id))
        standing = stories.standing_id(session, story)
        if standing != story.id:
            return _moved(request, standing)
        return StoryDetail.of_parts(story, stories.get_clusters(session, story.id))


@router.post(
    "/{id}/merge", response_model=StoryDetail, responses=answers(200, "The story they are now.", 404, 409, 410) | _MOVED
)
def merge_stories(id: str, given: GivenMerge, request: Request, door: Door, actor: Actor) -> StoryDetail | Response:
    """Say that two stories tell one event. The older id is kept; folding and repair leave them together."""
    now = door.now()
    with door.writing() as session:
        standing = editing.begin(session, parse_id(id))
        if standing != parse_id(id):
            return _moved(request, standing, "/merge")
        merged = editing.merge_stories(session, standing, int(given.story_id), now)
        told = {"merged": str(merged.gone)}
        audit.record(session, actor, Act.STORIES_MERGED, f"story/{merged.kept}", told, now)
    return _shown(door, merged.kept)


@router.post(
    "/{id}/split",
    status_code=201,
    response_model=StoryDetail,
    responses=answers(201, "The new story.", 404, 409, 410) | _MOVED,
)
def split_story(
    id: str, given: GivenSplit, request: Request, response: Response, door: Door, actor: Actor
) -> StoryDetail | Response:
    """Say that clusters of a story tell another event. Folding and repair keep them apart from the rest.

    The part with the canonical article keeps the id; the answer is the other part, a story of its own now.
    """
    now = door.now()
    with door.writing() as session:
        standing = editing.begin(session, parse_id(id))
        if standing != parse_id(id):
            return _moved(request, standing, "/split")
        split = editing.split_story(session, standing, {int(cluster) for cluster in given.cluster_ids}, now)
        told = {"created": str(split.created), "clusters": sorted(given.cluster_ids)}
        audit.record(session, actor, Act.STORY_SPLIT, f"story/{split.kept}", told, now)
    response.headers["Location"] = f"/v1/stories/{split.created}"
    return _shown(door, split.created)


def _shown(door: Services, story_id: int) -> StoryDetail:
    with door.reading() as session:
        return StoryDetail.of_parts(stories.get_story(session, story_id), stories.get_clusters(session, story_id))


def _moved(request: Request, standing: int, of_it: str = "") -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/v1/stories/{standing}{of_it}", status_code=308)
