"""The audit trail."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from api.schemas.base import LIMIT, Answer, Cursor, Given, Id, Instant, Limit, QueryInstant, Storable
from storyfold.store.tables import Act, AuditEntry


class AuditItem(Answer):
    """One act. `actor` is a key, an address where no key exists, or a person at the command line."""

    id: Id
    at: Instant
    actor: Annotated[str, Field(examples=["key 3 desk"])]
    action: Annotated[str, Field(examples=["feed.removed"])]
    subject: Annotated[str, Field(examples=["feed/12"])]
    detail: dict[str, Any]

    @classmethod
    def of_entry(cls, entry: AuditEntry) -> Self:
        return cls(
            id=str(entry.id),
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
        )


class AuditQuery(Given):
    """Which acts; all of them by default."""

    action: Act | None = None
    subject: Annotated[Storable, Field(max_length=200, description="A kind and an id, as `feed/12`.")] | None = None
    since: QueryInstant | None = None
    limit: Limit = LIMIT
    cursor: Cursor | None = None
