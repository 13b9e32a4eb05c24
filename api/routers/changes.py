"""Changes: following the stories."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.openapi import answers
from api.schemas.changes import ChangeItem, ChangePage, ChangeQuery
from api.services import Door
from storyfold.store import changes, cursors

_LIST = "changes"

router = APIRouter(prefix="/v1/changes", tags=["changes"])


@router.get("", responses=answers(200, "What came after the cursor, oldest first."))
def list_changes(query: Annotated[ChangeQuery, Query()], door: Door) -> ChangePage:
    """Every story created, grown, changed, merged, split or removed. Who follows `next_cursor` misses nothing."""
    after = cursors.decode_id(query.cursor, _LIST) if query.cursor else 0
    with door.reading() as session:
        found = changes.list_changes(session, after=after, limit=query.limit)
    items = [ChangeItem.of_change(change, cursors.encode(_LIST, change.cursor)) for change in found]
    return ChangePage(items=items, next_cursor=cursors.encode(_LIST, found[-1].cursor if found else after))
