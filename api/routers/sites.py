"""Sites: taking back what cleaning took out."""

from __future__ import annotations

from fastapi import APIRouter

from api.access import Actor
from api.openapi import answers
from api.schemas.sites import GivenLine, GoodLineItem, GoodLines, Marked, Site
from api.services import Door
from storyfold.store import good_lines

router = APIRouter(prefix="/v1/sites", tags=["sites"])


@router.get("/{site}/good-lines", responses=answers(200, "The lines, the oldest mark first."))
def list_good_lines(site: Site, door: Door) -> GoodLines:
    """The lines of a site that are marked as good. A site is the host of its links."""
    with door.reading() as session:
        found = good_lines.good_lines(session, site)
        return GoodLines(items=[GoodLineItem.of_line(line) for line in found])


@router.post("/{site}/good-lines", responses=answers(200, "The line is kept from now on."))
def mark_good_line(site: Site, given: GivenLine, door: Door, actor: Actor) -> Marked:
    """Mark a line as good: cleaning takes it out no more. Articles that had lost it are read and folded again."""
    with door.writing() as session:
        links = good_lines.mark_good(session, site, given.line, actor, door.now())
    if links:
        door.bell.ring()
    return Marked(line=given.line, links=[str(link) for link in links])


@router.post("/{site}/good-lines/unmark", status_code=204, responses=answers(204, "It is like any other.", 404))
def unmark_good_line(site: Site, given: GivenLine, door: Door, actor: Actor) -> None:
    """Take the mark back. Articles that were read in the meantime keep the line."""
    with door.writing() as session:
        good_lines.unmark(session, site, given.line, actor, door.now())
