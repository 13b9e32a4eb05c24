"""Match: what a text is a copy of, without keeping it. The work is the workers'; here is only waited."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.broker import MATCH, MATCH_PAGE
from api.openapi import answers
from api.problems import refused
from api.schemas.base import optional_id, readable
from api.schemas.match import GivenMatch, MatchAnswer
from api.services import Door
from storyfold.web.urls import canonicalize

router = APIRouter(prefix="/v1/match", tags=["match"])


@router.post("", response_model=MatchAnswer, responses=answers(200, "What folding would make of it."))
def match(given: GivenMatch, door: Door) -> MatchAnswer | Response:
    """Compare a text, or the page at a URL, with everything known. Nothing is kept.

    A page that cannot be had or holds no article is 422 with its `reason`; one that could not be had this time is 503.
    """
    if given.url:
        canonicalize(given.url)
        answer = door.matcher.ask(MATCH_PAGE, {"url": given.url})
    else:
        answer = door.matcher.ask(MATCH, {"text": readable(given.text)})
    if "error" in answer:
        return refused(answer["error"])
    return _found(answer["ok"])


def _found(found: dict[str, Any]) -> MatchAnswer:
    ids = {name: optional_id(found[name]) for name in ("matched", "story_id")}
    return MatchAnswer.model_validate({**found, **ids})
