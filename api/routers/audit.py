"""The audit trail, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.openapi import answers
from api.schemas.audit import AuditItem, AuditQuery
from api.schemas.base import Page
from api.services import Door
from storyfold.store import audit, cursors

_LIST = "audit"

router = APIRouter(prefix="/v1/audit", tags=["access"])


@router.get("", responses=answers(200, "Acts, newest first."))
def list_acts(query: Annotated[AuditQuery, Query()], door: Door) -> Page[AuditItem]:
    """Who did what an administrator may do, to what, and when."""
    before = cursors.decode_id(query.cursor, _LIST) if query.cursor else None
    with door.reading() as session:
        found = audit.list_entries(
            session,
            actions=[query.action] if query.action else (),
            subject=query.subject,
            since=query.since,
            before_id=before,
            limit=query.limit + 1,
        )
    shown = found[: query.limit]
    more = cursors.encode(_LIST, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[AuditItem.of_entry(entry) for entry in shown], next_cursor=more)
