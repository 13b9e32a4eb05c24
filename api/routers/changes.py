"""Changes: following the stories, by asking again or by listening."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query

from api.lookout import Lookout, lookout_of
from api.openapi import answers
from api.schemas.changes import ChangePage, ChangeQuery, StreamQuery, place_behind
from api.services import Door
from api.streams import EventStream, Stream
from storyfold.store.changes import ChangesRead, follow_changes

router = APIRouter(tags=["changes"])

_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@router.get("/v1/changes", responses=answers(200, "What came after the cursor, oldest first."))
def list_changes(query: Annotated[ChangeQuery, Query()], door: Door) -> ChangePage:
    """Every story created, grown, changed, merged, split or removed. Who follows `next_cursor` misses nothing."""
    with door.reading() as session:
        after = place_behind(query.cursor, session)
        return ChangePage.of_reading(follow_changes(session, query.wanted(), after=after, limit=query.limit))


@router.get(
    "/v1/stream",
    response_class=EventStream,
    responses=answers(
        200, "Server-sent events: `id` is the change's cursor, `data` the change, as `/v1/changes` has it."
    ),
)
async def stream_changes(
    query: Annotated[StreamQuery, Query()],
    door: Door,
    lookout: Annotated[Lookout, Depends(lookout_of)],
    last_event_id: Annotated[
        str | None, Header(max_length=1_000, description="Sent by who comes back; it wins over `cursor`.")
    ] = None,
) -> EventStream:
    """The changes as they happen, behind the last seen. A comment comes every 15 seconds where nothing happens."""
    stream = Stream(door, lookout, query.wanted())

    def read_first() -> ChangesRead:
        with door.reading() as session:
            after = place_behind(last_event_id or query.cursor, session)
        return stream.read(after)

    first = await to_thread.run_sync(read_first)
    return EventStream(stream.events(first), headers=_UNBUFFERED)
