"""Links: the webhook that takes URLs, and the fates they come to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from api import once
from api.once import Once
from api.openapi import answers
from api.schemas.base import Page, parse_id
from api.schemas.links import GivenLinks, LinkDetail, LinkItem, LinkItems, LinkQuery
from api.services import Door
from storyfold.stages.submit import submit_urls
from storyfold.store import cursors, links, refetches

_LIST = "links"

router = APIRouter(prefix="/v1/links", tags=["links"])


@router.post(
    "",
    status_code=202,
    description="Hand in URLs. One page is one link, whatever its spelling: a known one comes back as it stands."
    + once.EXPLAINED,
    responses=answers(202, "Each URL's link and fate, in the order given.", 409),
)
def submit_links(given: GivenLinks, door: Door, handing: Once) -> LinkItems:
    def submit(session: Session) -> LinkItems:
        submitted = submit_urls(session, [url.submission() for url in given.urls], door.now())
        return LinkItems(items=[LinkItem.of_submitted(item) for item in submitted])

    taken = handing.take(LinkItems, submit)
    if any(item.created for item in taken.items):
        door.bell.ring()
    return taken


@router.get("", responses=answers(200, "Links, newest first."))
def list_links(query: Annotated[LinkQuery, Query()], door: Door) -> Page[LinkItem]:
    """Links by fate, host and age."""
    before = cursors.decode_id(query.cursor, _LIST) if query.cursor else None
    with door.reading() as session:
        found = links.list_links(
            session, fate=query.fate, host=query.host, since=query.since, before_id=before, limit=query.limit + 1
        )
    shown = found[: query.limit]
    more = cursors.encode(_LIST, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[LinkItem.of_link(link) for link in shown], next_cursor=more)


@router.get("/{id}", responses=answers(200, "The link.", 404))
def get_link(id: str, door: Door) -> LinkDetail:
    """One link: its fate, its tries, and where its article stands."""
    with door.reading() as session:
        return LinkDetail.of_record(links.get_link(session, parse_id(id)))


@router.post("/{id}/retry", status_code=202, responses=answers(202, "The link, pending again.", 404, 409))
def retry_link(id: str, door: Door) -> LinkItem:
    """Try a link again that was rejected or failed; any other is a conflict."""
    with door.writing() as session:
        link = LinkItem.of_link(links.retry_link(session, parse_id(id), door.now()))
    door.bell.ring()
    return link


@router.post("/{id}/refetch", status_code=202, responses=answers(202, "The link, pending again.", 404, 409))
def refetch_link(id: str, door: Door) -> LinkItem:
    """Fetch the page of a folded link again. A new text is a revision and folded again; the old stays readable."""
    with door.writing() as session:
        link = LinkItem.of_link(refetches.refetch_link(session, parse_id(id), door.now()))
    door.bell.ring()
    return link
